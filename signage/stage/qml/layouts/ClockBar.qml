// Time and date: each word stands where Python placed it.
import QtQuick
import "../theme"

Zone {
    id: bar

    required property var clock
    readonly property var colours: ({
        "time": Theme.bannerAccent, "date": Theme.bannerText, "weekday": Theme.bannerText,
        "lunar": Theme.quiet, "festival": Theme.bannerAccent, "english": Theme.quiet, "title": Theme.bannerText
    })

    Rectangle { anchors.fill: parent; color: Theme.bannerGround }

    Repeater {
        model: bar.clock.words

        Text {
            required property var modelData

            x: modelData.x
            y: modelData.baseline - baselineOffset
            text: modelData.text
            textFormat: Text.PlainText
            color: bar.colours[modelData.role]
            font.family: Theme.sansFamilies[0]
            font.pixelSize: modelData.sizePx
            font.bold: modelData.isBold
            font.features: ({ "tnum": 1 })
        }
    }
}
