// The main zone and a column for notices, the clock on top of the column; on an upright canvas the column lies below.
import QtQuick

Item {
    id: root

    property string title
    property var clock: null
    property var clockRect: null
    required property var mainRect
    required property var sideRect

    Zone { objectName: "zone-main"; rect: root.mainRect }
    Zone { objectName: "zone-side"; rect: root.sideRect }
    Loader { active: root.clock !== null; sourceComponent: ClockBar { rect: root.clockRect; clock: root.clock } }
}
