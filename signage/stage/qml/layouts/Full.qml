// The main zone over the whole canvas.
import QtQuick

Item {
    property string title
    required property var mainRect

    Zone { objectName: "zone-main"; rect: mainRect }
}
