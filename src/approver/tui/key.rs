//! What can be typed.

/// A key, or something else that comes from where keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// A letter with the control key.
    Control(char),
    /// Return.
    Enter,
    /// Escape.
    Escape,
    /// Backspace.
    Backspace,
    /// The tabulator.
    Tab,
    /// An arrow up.
    Up,
    /// An arrow down.
    Down,
    /// An arrow to the left.
    Left,
    /// An arrow to the right.
    Right,
    /// A page back.
    PageUp,
    /// A page on.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// The wheel of the mouse, away from the person.
    WheelUp,
    /// The wheel of the mouse, towards the person.
    WheelDown,
    /// A press of the mouse: column and row, from 0.
    Click(u16, u16),
    /// The window got the keyboard.
    Focus,
    /// Text that was pasted in one piece.
    Paste(String),
}
