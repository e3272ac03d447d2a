// The line of scrolling text. Python says where each piece stands in each frame; nothing is drawn while it is empty.
import QtQuick
import "../theme"

Zone {
    id: strip

    required property var ticker
    property string restingText
    readonly property int restingPx: Math.max(8, Math.round(height * 0.44))

    Rectangle { anchors.fill: parent; color: Theme.tickerGround }

    Text {
        anchors.centerIn: parent
        width: Math.min(implicitWidth, strip.width * 0.94)
        visible: !strip.ticker.moving
        text: strip.restingText
        textFormat: Text.PlainText
        elide: Text.ElideRight
        color: Theme.tickerText
        opacity: 0.75
        font.family: Theme.sansFamilies[0]
        font.pixelSize: strip.restingPx
        font.letterSpacing: strip.restingPx * 0.12
    }

    TickerRow { row: strip.ticker.rowA; height: strip.height }
    TickerRow { row: strip.ticker.rowB; height: strip.height }

    FrameAnimation {
        running: strip.ticker.moving
        onTriggered: strip.ticker.step()
    }
}
