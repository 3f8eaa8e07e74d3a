//! Every setting there is, by its names: as a flag, in the environment and in the file.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// In the file; as a flag, the same with `-` for `_`.
    pub key: &'static str,
    /// In the environment.
    pub variable: &'static str,
    /// What it is.
    pub shape: Shape,
    /// Whether there is a flag for it.
    pub given: Given,
}

/// What a setting looks like in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string; a number, where it is one.
    One,
    /// A list of strings; in the environment, with this between them.
    Many(char),
    /// `true` or `false`.
    Switch,
}

/// Where a setting can be given, besides the environment and the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// Also as a flag.
    AsFlag,
    /// There only: it is of the whole program, or of one face.
    There,
}

impl Setting {
    const fn flag(key: &'static str, variable: &'static str, shape: Shape) -> Self {
        Self { key, variable, shape, given: Given::AsFlag }
    }

    const fn one(key: &'static str, variable: &'static str) -> Self {
        Self { key, variable, shape: Shape::One, given: Given::There }
    }
}

/// All of them. What is not here is no setting, and a key of the file that is not here is an error.
///
/// The key-encryption key itself is missing on purpose: in the file stands where it is.
pub const SETTINGS: &[Setting] = &[
    Setting::flag("data", "TESSERA_DATA", Shape::One),
    Setting::flag("store", "TESSERA_STORE", Shape::One),
    Setting::flag("store_ca", "TESSERA_STORE_CA", Shape::One),
    Setting::flag("store_file", "TESSERA_STORE_FILE", Shape::One),
    Setting::flag("kek_file", "TESSERA_KEK_FILE", Shape::One),
    Setting::flag("kek_share", "TESSERA_KEK_SHARES", Shape::Many(';')),
    Setting::flag("kek", "TESSERA_KEK_SOURCE", Shape::One),
    Setting::flag("also_kek", "TESSERA_ALSO_KEKS", Shape::Many(' ')),
    Setting::flag("listen", "TESSERA_LISTEN", Shape::One),
    Setting::flag("metrics_listen", "TESSERA_METRICS_LISTEN", Shape::One),
    Setting::flag("otlp_endpoint", "TESSERA_OTLP_ENDPOINT", Shape::One),
    Setting::flag("public_url", "TESSERA_PUBLIC_URL", Shape::One),
    Setting::flag("allow_origin", "TESSERA_ALLOW_ORIGINS", Shape::Many(' ')),
    Setting::flag("allow_endpoint", "TESSERA_ALLOW_ENDPOINTS", Shape::Many(' ')),
    Setting::flag("bank_directory", "TESSERA_BANK_DIRECTORY", Shape::One),
    Setting::flag("font", "TESSERA_FONTS", Shape::Many(';')),
    Setting::flag("limit", "TESSERA_LIMITS", Shape::Many(' ')),
    Setting::flag("trusted_proxy", "TESSERA_TRUSTED_PROXIES", Shape::Many(' ')),
    Setting::flag("security_code", "TESSERA_SECURITY_CODE", Shape::One),
    Setting::flag("sealing_suite", "TESSERA_SEALING_SUITE", Shape::One),
    Setting::flag("max_connections", "TESSERA_MAX_CONNECTIONS", Shape::One),
    Setting::flag("drain_delay", "TESSERA_DRAIN_DELAY", Shape::One),
    Setting::flag("drain_timeout", "TESSERA_DRAIN_TIMEOUT", Shape::One),
    Setting::flag("no_migrate", "TESSERA_NO_MIGRATE", Shape::Switch),
    Setting::one("log", "TESSERA_LOG"),
    Setting::one("log_format", "TESSERA_LOG_FORMAT"),
    Setting::one("apple_pay_key_file", "TESSERA_APPLE_PAY_KEY_FILE"),
    Setting::one("apple_pay_merchant_id", "TESSERA_APPLE_PAY_MERCHANT_ID"),
    Setting::one("apple_pay_root_file", "TESSERA_APPLE_PAY_ROOT_FILE"),
    Setting::one("google_pay_key_file", "TESSERA_GOOGLE_PAY_KEY_FILE"),
    Setting::one("google_pay_recipient", "TESSERA_GOOGLE_PAY_RECIPIENT"),
    Setting::one("google_pay_root_keys_file", "TESSERA_GOOGLE_PAY_ROOT_KEYS_FILE"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;
    use crate::config::CommandLine;

    /// What is no setting of a vault that runs, but says where settings are, or what this start is for. No file may hide
    /// that everybody can sign keys.
    const NO_SETTINGS: [&str; 5] = ["accept-development-root", "config", "dev", "help", "version"];

    #[test]
    fn every_flag_is_a_setting_and_every_setting_has_its_flag() {
        let command = CommandLine::command();
        let serve = command.find_subcommand("serve").unwrap();
        let flags: BTreeSet<String> = serve
            .get_arguments()
            .filter_map(|argument| argument.get_long())
            .filter(|flag| !NO_SETTINGS.contains(flag))
            .map(str::to_owned)
            .collect();
        let settings: BTreeSet<String> = SETTINGS
            .iter()
            .filter(|setting| setting.given == Given::AsFlag)
            .map(|setting| setting.key.replace('_', "-"))
            .collect();
        assert_eq!(flags, settings);
    }

    #[test]
    fn the_table_in_the_documentation_is_this_one() {
        let text = include_str!("../../../docs/operations.md");
        let table = text.split_once("\n## Settings\n").unwrap().1.split_once("\n## ").unwrap().0;
        let rows: Vec<Vec<&str>> = table
            .lines()
            .filter(|line| line.starts_with("| `"))
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        let keys: Vec<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
        let settings: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
        assert_eq!(keys, settings, "each row begins with the key in the file, in the order of the code");
        for (row, setting) in rows.iter().zip(SETTINGS) {
            let flag = format!("`--{}", setting.key.replace('_', "-"));
            assert_eq!(row[1].starts_with(&flag), setting.given == Given::AsFlag, "{row:?}");
            assert!(row[2].starts_with(&format!("`{}`", setting.variable)), "{row:?}");
            assert!(!row[3].is_empty(), "its default is told: {row:?}");
        }
    }
}
