// One zone: stands where Python says, shows nothing outside itself.
import QtQuick

Item {
    required property var rect

    x: rect.x
    y: rect.y
    width: rect.width
    height: rect.height
    clip: true
}
