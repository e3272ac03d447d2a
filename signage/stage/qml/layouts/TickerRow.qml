// One row of the ticker: the pieces in view, moved together.
import QtQuick

Item {
    id: line

    required property var row

    x: row.offset
    opacity: row.strength

    Repeater {
        model: line.row.pieces

        Image {
            required property int pieceX
            required property int pieceWidth
            required source

            x: pieceX
            width: pieceWidth
            height: line.height
            cache: false
            smooth: false
        }
    }
}
