pragma Singleton

// The one place where looks are declared: colours, type, spacing, motion. QML imports it ("../theme");
// the card renderer reads the same values through signage/stage/theme.py.
// Lengths named *Share are parts of the reading height (see deploy/decisions/reading-sizes.md), not pixels.
import QtQuick

QtObject {
    id: theme

    // Deep grounds and warm off-white text: an LED wall glares with white areas at night, and a dark ground
    // hides the seams between its cabinets. Text on its ground keeps a contrast of at least 7:1.
    readonly property color black: "#000000"
    readonly property color ink: "#0C1A24"
    readonly property color text: "#F6F1E4"
    readonly property color quiet: "#C6D2D4"
    readonly property color gold: "#F4C869"
    readonly property color vermilion: "#C8322B"

    // One mood for each kind of card. ground -> groundDeep is the sheet's gradient, panel lies on the sheet,
    // band is the header, accent draws the eye, accentSoft draws lines and motifs.
    readonly property var moods: ({
        "work-update": { "ground": "#0F4250", "groundDeep": "#08252F", "panel": "#145464", "band": "#0A303B",
                         "accent": "#5FE0C8", "accentSoft": "#2F8C8A", "text": "#F6F1E4", "quiet": "#BFDADA" },
        "civility":    { "ground": "#14513C", "groundDeep": "#082A20", "panel": "#18593F", "band": "#0B3629",
                         "accent": "#C9E88A", "accentSoft": "#4C9A6B", "text": "#FAF5E6", "quiet": "#C5E0CB" },
        "unity-poster":{ "ground": "#A21F22", "groundDeep": "#5E0C14", "panel": "#7C141B", "band": "#6A0F17",
                         "accent": "#F8D07A", "accentSoft": "#C7793A", "text": "#FFF6E2", "quiet": "#FBE0B4" },
        "notice":      { "ground": "#17345C", "groundDeep": "#0B1C36", "panel": "#1F4272", "band": "#0E2446",
                         "accent": "#FFC45C", "accentSoft": "#4A74B0", "text": "#F6F1E4", "quiet": "#C5D3E8" },
        "alert":       { "ground": "#B3120E", "groundDeep": "#6E0606", "panel": "#8A0B0B", "band": "#1B0404",
                         "accent": "#FFDF3D", "accentSoft": "#7A2A12", "text": "#FFFFFF", "quiet": "#FFE9A8" },
        "event":       { "ground": "#4A2160", "groundDeep": "#260F38", "panel": "#5C2E74", "band": "#311547",
                         "accent": "#FFB454", "accentSoft": "#9B5FB0", "text": "#FBF3EA", "quiet": "#E2CFEA" },
        "honours":     { "ground": "#7C141B", "groundDeep": "#40070E", "panel": "#5A0E16", "band": "#4C0911",
                         "accent": "#F6CD78", "accentSoft": "#B9803C", "text": "#FFF6E2", "quiet": "#F2D9A8" },
        "table":       { "ground": "#14383F", "groundDeep": "#0A2026", "panel": "#1B4850", "band": "#0C2930",
                         "accent": "#FFC45C", "accentSoft": "#4B8791", "text": "#F6F1E4", "quiet": "#C2D8DA" },
        "slate":       { "ground": "#12333F", "groundDeep": "#081A22", "panel": "#16404E", "band": "#0A222C",
                         "accent": "#F4C869", "accentSoft": "#2D6470", "text": "#F6F1E4", "quiet": "#BBD0D4" }
    })

    // The SC cut is named, or fontconfig picks Japanese glyph shapes where no zh locale is set. After it comes
    // one family for each other script.
    readonly property var scriptFamilies: ["Noto Sans Yi", "Noto Serif Tibetan", "Noto Sans Arabic",
                                           "Noto Sans Mongolian", "Noto Sans", "Noto Color Emoji"]
    readonly property var sansFamilies: ["Noto Sans CJK SC"].concat(scriptFamilies)
    readonly property var serifFamilies: ["Noto Serif CJK SC"].concat(scriptFamilies)

    // Smallest sizes, as parts of the reading height, and in pixels whatever the canvas.
    readonly property real headlineMinShare: 1 / 12
    readonly property real bodyMinShare: 1 / 24
    readonly property real labelMinShare: 1 / 27
    readonly property int glyphMinPx: 16

    // Largest sizes, the same way; text grows up to them where there is room.
    readonly property real headlineMaxShare: 1 / 6.5
    readonly property real posterMaxShare: 1 / 3
    readonly property real bodyMaxShare: 1 / 14
    readonly property real labelMaxShare: 1 / 22
    readonly property real typeStep: 1.0595
    readonly property real headlineLeading: 1.22
    readonly property real bodyLeading: 1.5

    readonly property real marginShare: 0.055
    readonly property real gapShare: 0.028
    readonly property real cornerShare: 0.014
    readonly property real hairShare: 0.003
    readonly property real motifShare: 0.034

    // Motion, in ms; the stage binds it to the clock, not to an Animator.
    readonly property int fadeMs: 600
    readonly property int slideMs: 700

    // Layout zones; where they stand is decided in signage/content/layouts.py.
    readonly property color bannerGround: "#0B222C"
    readonly property color bannerText: text
    readonly property color bannerAccent: gold
    readonly property color tickerGround: "#8E1A1E"
    readonly property color tickerText: "#FFF3D6"
    readonly property color tickerAccent: gold
}
