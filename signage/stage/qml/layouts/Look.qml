// What Python needs of the theme to measure and draw text.
import QtQuick
import "../theme"

QtObject {
    readonly property string family: Theme.sansFamilies[0]
    readonly property var families: Theme.sansFamilies
    readonly property color tickerText: Theme.tickerText
    readonly property color tickerAccent: Theme.tickerAccent
}
