"""The only Qt: window, surfaces, cards and the QML for looks and motion."""
