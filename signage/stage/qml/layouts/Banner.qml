// The clock bar on top, the main zone, a line of scrolling text at the bottom.
import QtQuick

Item {
    id: root

    property string title
    property var clock: null
    property var clockRect: null
    required property var mainRect
    required property var tickerRect
    required property var ticker

    Zone { objectName: "zone-main"; rect: root.mainRect }
    Loader { active: root.clock !== null; sourceComponent: ClockBar { rect: root.clockRect; clock: root.clock } }
    Ticker { objectName: "zone-ticker"; rect: root.tickerRect; ticker: root.ticker; restingText: root.title }
}
