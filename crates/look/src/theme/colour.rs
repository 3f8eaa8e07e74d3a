//! Colours: by name, in hexadecimal, or as rgb(), hsl() and oklch().

use crate::scan::{Number, Scan};

/// What is accepted, in words.
pub const ACCEPTED: &str = "a colour: a name, #hex, rgb(), hsl() or oklch()";

/// Every named colour (CSS Color 4, 6.1) and `transparent`.
const NAMES: &str = "\
    aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown \
    burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue \
    darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange \
    darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise \
    darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia \
    gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred indigo \
    ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan \
    lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue \
    lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon \
    mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue \
    mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin \
    navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen \
    paleturquoise palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red \
    rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue \
    slategray slategrey snow springgreen steelblue tan teal thistle tomato transparent turquoise violet \
    wheat white whitesmoke yellow yellowgreen";

/// The functions, as what they are written anew, with their parts.
const MODELS: [(&str, &str, [Part; 3]); 5] = [
    ("rgb", "rgb(", [BYTE; 3]),
    ("rgba", "rgb(", [BYTE; 3]),
    ("hsl", "hsl(", [HUE, SHARE, SHARE]),
    ("hsla", "hsl(", [HUE, SHARE, SHARE]),
    ("oklch", "oklch(", [LIGHTNESS, CHROMA, HUE]),
];

/// One part of a colour. Numbers are in ten-thousandths.
#[derive(Clone, Copy)]
struct Part {
    /// What one percent stands for; zero if it takes no percent.
    percent: i32,
    /// The most: what lies outside is brought into zero to that, as browsers do.
    most: i32,
    /// What stands behind it.
    unit: &'static str,
}

const BYTE: Part = Part { percent: 25_500, most: 2_550_000, unit: "" };
const SHARE: Part = Part { percent: 10_000, most: 1_000_000, unit: "%" };
const LIGHTNESS: Part = Part { percent: 100, most: 10_000, unit: "" };
const CHROMA: Part = Part { percent: 40, most: 5_000, unit: "" };
const ALPHA: Part = Part { percent: 100, most: 10_000, unit: "" };
/// An angle in degrees, brought into one turn.
const HUE: Part = Part { percent: 0, most: 3_600_000, unit: "" };

/// Reads one colour and writes it anew.
#[must_use]
pub fn read(text: &str) -> Option<String> {
    let mut scan = Scan::new(text);
    let mut output = String::new();
    colour(&mut scan, &mut output)?;
    scan.is_done().then_some(output)
}

/// Takes a colour and appends it.
pub(super) fn colour(scan: &mut Scan<'_>, output: &mut String) -> Option<()> {
    if scan.run(|next| next == '#') == "#" {
        return hex(scan.run(|next| next.is_ascii_hexdigit()), output);
    }
    let word = scan.word().to_ascii_lowercase();
    if !scan.eat('(') {
        output.push_str(NAMES.split_ascii_whitespace().find(|name| *name == word)?);
        return Some(());
    }
    let (_, opening, parts) = MODELS.iter().find(|(name, ..)| *name == word)?;
    output.push_str(opening);
    let mut has_commas = false;
    for (index, part) in parts.iter().enumerate() {
        if index == 1 {
            has_commas = scan.eat(',');
        } else if index == 2 && scan.eat(',') != has_commas {
            return None;
        }
        part.take(scan)?.write(output);
        output.push_str(part.unit);
        output.push(' ');
        scan.space();
    }
    let has_alpha = scan.eat(if has_commas { ',' } else { '/' });
    let alpha = if has_alpha { ALPHA.take(scan)? } else { Number::ONE };
    scan.space();
    // No blank is taken behind the bracket: a list goes on with one.
    if scan.run(|next| next == ')') != ")" {
        return None;
    }
    finish(alpha, output);
    Some(())
}

impl Part {
    fn take(&self, scan: &mut Scan<'_>) -> Option<Number> {
        let Number(mut value) = scan.number()?;
        if scan.run(|next| next == '%') == "%" {
            if self.percent == 0 {
                return None;
            }
            value = i32::try_from(i64::from(value) * i64::from(self.percent) / 10_000).ok()?;
        } else if self.percent == 0 {
            let unit = scan.word();
            if !unit.is_empty() && !unit.eq_ignore_ascii_case("deg") {
                return None;
            }
            value = value.rem_euclid(self.most);
        }
        Some(Number(value.max(0).min(self.most)))
    }
}

/// Three, four, six or eight digits.
fn hex(digits: &str, output: &mut String) -> Option<()> {
    let width = match digits.len() {
        3 | 4 => 1,
        6 | 8 => 2,
        _ => return None,
    };
    output.push_str("rgb(");
    let mut digits = digits.chars().filter_map(|digit| digit.to_digit(16)).map(u32::cast_signed);
    let mut byte = || {
        let high = digits.next()?;
        Some(high * 16 + if width == 1 { high } else { digits.next()? })
    };
    for _ in 0..3 {
        Number::whole(byte()?).write(output);
        output.push(' ');
    }
    finish(byte().map_or(Number::ONE, |alpha| Number(alpha * 10_000 / 255)), output);
    Some(())
}

/// Appends what stands behind the three parts.
fn finish(alpha: Number, output: &mut String) {
    output.push_str("/ ");
    alpha.write(output);
    output.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_is_written_anew() {
        for (text, written) in [
            ("#abc", "rgb(170 187 204 / 1)"),
            ("#ABCDEF80", "rgb(171 205 239 / 0.5019)"),
            ("RED", "red"),
            ("transparent", "transparent"),
            ("rgb(1,2,3)", "rgb(1 2 3 / 1)"),
            ("rgba( 1 , 2 , 300 , 50% )", "rgb(1 2 255 / 0.5)"),
            ("rgb(10% 20% 30%/.25)", "rgb(25.5 51 76.5 / 0.25)"),
            ("hsl(-30deg 50% 40%)", "hsl(330 50% 40% / 1)"),
            ("hsla(210, 50%, 40%, 2)", "hsl(210 50% 40% / 1)"),
            ("oklch(62% 0.21 259.5)", "oklch(0.62 0.21 259.5 / 1)"),
            ("oklch(0.7 50% 20deg / 90%)", "oklch(0.7 0.2 20 / 0.9)"),
        ] {
            assert_eq!(read(text).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_a_colour() {
        for text in [
            "",
            "#",
            "#12",
            "#12345",
            "#1234567",
            "#123456789",
            "#ggg",
            "# fff",
            "redd",
            "currentcolor",
            "inherit",
            "rgb(1 2)",
            "rgb(1 2 3",
            "rgb(1 2 3))",
            "rgb(1,2 3)",
            "rgb(1 2,3)",
            "rgb(1 2 3, 4)",
            "rgb(1 2 3 4)",
            "rgb(1 2 3 /)",
            "rgb(calc(1) 2 3)",
            "rgb(var(--x) 2 3)",
            "rgb(from red r g b)",
            "hsl(50% 50% 50%)",
            "hsl(1turn 50% 50%)",
            "lab(1 2 3)",
            "color(display-p3 1 1 1)",
            "url(#a)",
            "red;",
            "red blue",
            "re\\64",
            "/**/red",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
