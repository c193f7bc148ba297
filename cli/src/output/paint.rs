//! Colors of parts of a text, for the texts that the original colors in part.

/// How a part looks. The codes are the original's; scripts that compare colored output exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Back to what the terminal has.
    Reset,
    /// Bold, in the color that is set.
    Bold,
    /// What is taken away.
    Red,
    /// What is added, and what went well.
    Green,
    /// What is replaced, and warnings.
    Yellow,
    /// What is moved.
    Blue,
    /// What changes in place.
    Cyan,
    /// What is different.
    LightYellow,
}

/// Colors, or none where they are not wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint(bool);

impl Paint {
    /// Colors if they are wanted.
    pub fn new(wanted: bool) -> Paint {
        Paint(wanted)
    }

    /// The code that begins a color; empty without colors.
    pub fn begin(self, color: Color) -> &'static str {
        if !self.0 {
            return "";
        }
        match color {
            Color::Reset => "\u{1b}[0m",
            Color::Bold => "\u{1b}[1m",
            Color::Red => "\u{1b}[31m",
            Color::Green => "\u{1b}[32m",
            Color::Yellow => "\u{1b}[33m",
            Color::Blue => "\u{1b}[34m",
            Color::Cyan => "\u{1b}[36m",
            Color::LightYellow => "\u{1b}[93m",
        }
    }

    /// A part in a color, and reset behind it.
    pub fn part(self, color: Color, text: &str) -> String {
        format!("{}{text}{}", self.begin(color), self.begin(Color::Reset))
    }

    /// A sentence in bold and a color. It is reset twice, as all that the original ends in a reset of its own.
    pub fn sentence(self, color: Color, text: &str) -> String {
        let (bold, reset) = (self.begin(Color::Bold), self.begin(Color::Reset));
        format!("{bold}{}{reset}", self.part(color, text))
    }
}
