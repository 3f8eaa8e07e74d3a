//! The inputs of the frame: DOM event -> `instrument::field::Edit` -> paint the returned view.

mod choice;
mod input;
mod listener;
pub(crate) mod words;

use instrument::card::{self, Scheme};
use instrument::field::Context;
use instrument::{BankDraft, CardDraft, Draft, FieldName, Kind, Rejected, Secret, Verdict};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, HtmlElement, HtmlFormElement, HtmlInputElement, InputEvent};

use crate::bridge::FieldState;
use crate::clock;
use crate::error::Problem;

pub use choice::Choice;
pub use input::Input;
pub use listener::Listener;

/// Every text input of the form.
const INPUTS: [FieldName; 6] = [
    FieldName::Number,
    FieldName::Expiry,
    FieldName::Code,
    FieldName::Holder,
    FieldName::RoutingNumber,
    FieldName::AccountNumber,
];

/// Every select of the form.
const CHOICES: [FieldName; 2] = [FieldName::AccountType, FieldName::AccountHolderType];

/// What the leading digits of the card number tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leading {
    /// The scheme, once one can be named.
    pub scheme: Option<&'static Scheme>,
    /// The BIN, once there are enough digits.
    pub bin: Option<String>,
}

/// All inputs of the frame.
pub struct Fields {
    form: HtmlFormElement,
    inputs: Vec<Input>,
    choices: Vec<Choice>,
    method: Kind,
    leading: Leading,
    revision: u32,
}

impl Fields {
    /// Finds the inputs in the form and takes over what was typed into them already.
    ///
    /// # Errors
    /// [`Problem::internal`] if the form is not the one of `frame.html`.
    pub fn find(form: &HtmlFormElement) -> Result<Self, Problem> {
        let inputs: Vec<Input> = INPUTS.into_iter().filter_map(|name| Input::find(form, name)).collect();
        let choices: Vec<Choice> = CHOICES.into_iter().filter_map(|name| Choice::find(form, name)).collect();
        if inputs.len() != INPUTS.len() || choices.len() != CHOICES.len() {
            return Err(Problem::internal());
        }
        let mut fields = Self {
            form: form.clone(),
            inputs,
            choices,
            method: Kind::Card,
            leading: Leading::default(),
            revision: 0,
        };
        for name in INPUTS {
            fields.change(name, |input, context| {
                input.take_over(context);
                true
            });
        }
        fields.show_method(Kind::Card);
        Ok(fields)
    }

    /// The method that is shown.
    #[must_use]
    pub const fn method(&self) -> Kind {
        self.method
    }

    /// What is known of the card by its leading digits.
    #[must_use]
    pub const fn leading(&self) -> &Leading {
        &self.leading
    }

    /// Counts the states of the values: two equal numbers mean that nothing was changed in between.
    #[must_use]
    pub const fn revision(&self) -> u32 {
        self.revision
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.first_problem().is_none()
    }

    /// What the shown fields say of themselves.
    #[must_use]
    pub fn states(&self) -> Vec<FieldState> {
        let context = self.context();
        let inputs = self.shown_inputs().map(|input| FieldState {
            name: input.name(),
            verdict: input.verdict(&context),
            focused: input.is_focused(),
        });
        let choices = self.shown_choices().map(|choice| FieldState {
            name: choice.name(),
            verdict: Verdict::Complete,
            focused: choice.is_focused(),
        });
        inputs.chain(choices).collect()
    }

    /// What was typed for the shown method, unchecked.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let secret = |name| self.input(name).map_or_else(|| Secret::new(String::new()), Input::secret);
        // A field that holds nothing is not there.
        let present = |name| self.input(name).filter(|input| !input.value().is_empty()).map(Input::secret);
        let choice = |name| self.choice(name).map(Choice::value);
        match self.method {
            Kind::Card => Draft::Card(CardDraft {
                number: secret(FieldName::Number),
                expiry: secret(FieldName::Expiry),
                code: present(FieldName::Code),
                holder: present(FieldName::Holder),
            }),
            Kind::BankAccount => Draft::BankAccount(BankDraft {
                routing_number: secret(FieldName::RoutingNumber),
                account_number: secret(FieldName::AccountNumber),
                account_type: choice(FieldName::AccountType).unwrap_or_default(),
                account_holder_type: choice(FieldName::AccountHolderType),
                holder: present(FieldName::Holder),
                sec_code: None,
            }),
        }
    }

    /// An edit that the browser is about to make. True if it was made here instead.
    pub fn before_input(&mut self, name: FieldName, event: &InputEvent) -> bool {
        self.change(name, |input, context| input.before(event, context))
    }

    /// The DOM holds something new that did not come through `before_input`.
    pub fn take_over(&mut self, name: FieldName) {
        if CHOICES.contains(&name) {
            self.revision += 1;
            return;
        }
        self.change(name, |input, context| {
            input.take_over(context);
            true
        });
    }

    /// An input method begins a composition in a field.
    pub fn begin_composition(&mut self, name: FieldName) {
        if let Some(input) = self.input_mut(name) {
            input.begin_composition();
        }
    }

    /// The composition is over: now the text is ours to read.
    pub fn end_composition(&mut self, name: FieldName) {
        if let Some(input) = self.input_mut(name) {
            input.end_composition();
            self.take_over(name);
        }
    }

    /// The focus comes to a field.
    pub fn enter(&mut self, name: FieldName) {
        if let Some(input) = self.input_mut(name) {
            input.enter();
        } else if let Some(choice) = self.choice_mut(name) {
            choice.enter();
        }
    }

    /// The focus leaves a field: now it may be told that something is missing.
    pub fn leave(&mut self, name: FieldName) {
        if let Some(choice) = self.choice_mut(name) {
            choice.leave();
            return;
        }
        // Some managers fill in without any event at all.
        self.take_over(name);
        let context = self.context();
        if let Some(input) = self.input_mut(name) {
            input.leave();
            let verdict = input.verdict(&context);
            input.say_after_leaving(verdict, &context);
        }
    }

    /// Shows every problem. Gives back the element to focus, because that must happen when nobody holds us.
    pub fn report(&mut self) -> Option<HtmlElement> {
        let context = self.context();
        let shown: Vec<FieldName> = self.shown_inputs().map(Input::name).collect();
        for name in shown {
            let needed = self.needs(name);
            if let Some(input) = self.input_mut(name) {
                let verdict = input.verdict(&context);
                if needed || verdict != Verdict::Empty {
                    input.say_on_report(verdict, &context);
                }
            }
        }
        self.first_problem().map(|input| input.element().clone().into())
    }

    /// Shows why a draft was refused, where the field alone saw nothing wrong.
    pub fn say(&mut self, rejected: Rejected) {
        if let Some(input) = self.input_mut(rejected.field).filter(|input| input.shown() == Verdict::Complete)
        {
            input.say(Verdict::Invalid(rejected.reason));
        }
    }

    /// The element that the focus belongs to: the first that needs something, or else the first.
    #[must_use]
    pub fn focus_target(&self) -> Option<HtmlElement> {
        let input = self.first_problem().or_else(|| self.shown_inputs().next())?;
        Some(input.element().clone().into())
    }

    /// The sentence of the first problem that is shown.
    #[must_use]
    pub fn first_sentence(&self) -> &'static str {
        self.shown_inputs()
            .map(|input| words::sentence(input.name(), input.shown()))
            .find(|sentence| !sentence.is_empty())
            .unwrap_or("")
    }

    /// Why the required fields cannot be a draft yet: those that the pure crates would let be absent.
    #[must_use]
    pub fn missing(&self) -> Option<FieldName> {
        let context = self.context();
        self.shown_inputs()
            .find(|input| self.needs(input.name()) && input.verdict(&context) == Verdict::Empty)
            .map(Input::name)
    }

    /// Empties every field.
    pub fn clear(&mut self) {
        for input in &mut self.inputs {
            input.clear();
        }
        for choice in &self.choices {
            choice.clear();
        }
        self.revision += 1;
        self.follow_number();
    }

    /// Offers these methods: the chooser shows only when there is a choice, and the first is shown until the
    /// shopper has picked or typed something.
    pub fn offer(&mut self, methods: &[Kind]) {
        if let Some(chooser) = self.element("#methods") {
            if methods.len() < 2 { hide(&chooser) } else { show(&chooser) }
        }
        let untouched = self.revision == 0;
        if let Some(first) = methods.first()
            && (untouched || !methods.contains(&self.method))
        {
            self.choose(*first);
        }
    }

    /// Shows the fields of a method.
    pub fn choose(&mut self, method: Kind) {
        if method != self.method {
            self.method = method;
            self.revision += 1;
        }
        self.show_method(method);
    }

    /// The surrounding form disabled us.
    pub fn disable(&self) {
        for element in self.controls() {
            let _ = element.set_attribute("disabled", "");
        }
    }

    /// The surrounding form enabled us again.
    pub fn enable(&self) {
        for element in self.controls() {
            let _ = element.remove_attribute("disabled");
        }
    }

    fn change(&mut self, name: FieldName, act: impl FnOnce(&mut Input, &Context) -> bool) -> bool {
        let context = self.context();
        let Some(input) = self.input_mut(name) else { return false };
        let before = input.secret();
        let acted = act(input, &context);
        // EXPOSE: compared only.
        if acted && input.value() != before.expose().as_str() {
            let verdict = input.verdict(&context);
            input.say_while_typing(verdict);
            self.revision += 1;
            if name == FieldName::Number {
                self.follow_number();
            }
        }
        acted
    }

    /// The number changed: scheme mark, security code and BIN follow.
    fn follow_number(&mut self) {
        let number = self.input(FieldName::Number).map(Input::value).unwrap_or_default();
        let report = card::inspect(number);
        let before = std::mem::replace(&mut self.leading, Leading { scheme: report.scheme, bin: report.bin });
        if before.scheme == self.leading.scheme {
            return;
        }
        let scheme = self.leading.scheme;
        if let Some(mark) = self.element("#scheme") {
            let name = scheme.map(|scheme| scheme.name);
            mark.set_text_content(name);
            if name.is_some() { show(&mark) } else { hide(&mark) }
        }
        if let Some(scheme) = scheme {
            self.announce(&format!("Card type: {}", scheme.name));
        }
        // What was a whole security code may be none any more: four digits for American Express.
        let context = self.context();
        if let Some(code) = self.input_mut(FieldName::Code) {
            code.element().set_placeholder(words::code_placeholder(scheme));
            code.take_over(&context);
            let verdict = code.verdict(&context);
            if !code.is_focused() {
                code.say_after_leaving(verdict, &context);
            }
        }
    }

    /// Tells assistive technology something that sighted people see.
    pub fn announce(&self, text: &str) {
        if let Some(region) = self.element("#announcement") {
            region.set_text_content(Some(text));
        }
    }

    /// Shows a problem that is about no field; nothing for an empty text.
    pub fn notice(&self, text: &str) {
        if let Some(notice) = self.element("#notice")
            && notice.text_content().as_deref() != Some(text)
        {
            notice.set_text_content(Some(text));
        }
    }

    fn show_method(&self, method: Kind) {
        if let Ok(parts) = self.form.query_selector_all("[data-method]") {
            for index in 0..parts.length() {
                if let Some(part) = parts.item(index).and_then(|node| node.dyn_into::<Element>().ok()) {
                    let own = part.get_attribute("data-method").as_deref() == Some(method.as_str());
                    if own { show(&part) } else { hide(&part) }
                }
            }
        }
        let radio = self.element(&format!("input[name=method][value={}]", method.as_str()));
        if let Some(radio) = radio.and_then(|radio| radio.dyn_into::<HtmlInputElement>().ok()) {
            radio.set_checked(true);
        }
        if let Some(holder) = self.input(FieldName::Holder) {
            let autocomplete = match method {
                Kind::Card => "cc-name",
                Kind::BankAccount => "off",
            };
            let _ = holder.element().set_attribute("autocomplete", autocomplete);
            holder.element().set_required(self.needs(FieldName::Holder));
        }
    }

    fn context(&self) -> Context {
        Context { today: clock::this_month(), scheme: self.leading.scheme }
    }

    fn first_problem(&self) -> Option<&Input> {
        let context = self.context();
        self.shown_inputs().find(|input| match input.verdict(&context) {
            Verdict::Complete => false,
            Verdict::Empty => self.needs(input.name()),
            Verdict::Partial | Verdict::Invalid(_) => true,
        })
    }

    /// Whether the shown method cannot do without a field. An ACH entry carries the receiver's name
    /// (Nacha); a card payment does not need one. Some schemes' cards have no security code.
    fn needs(&self, name: FieldName) -> bool {
        match name {
            FieldName::Holder => self.method == Kind::BankAccount,
            FieldName::SecCode => false,
            FieldName::Code => {
                let optional = self.leading.scheme.is_some_and(|scheme| scheme.code.is_optional());
                self.method == Kind::Card && !optional
            }
            FieldName::Number
            | FieldName::Expiry
            | FieldName::RoutingNumber
            | FieldName::AccountNumber
            | FieldName::AccountType
            | FieldName::AccountHolderType => belongs(name, self.method),
        }
    }

    fn controls(&self) -> impl Iterator<Item = Element> {
        let elements = self.form.elements();
        (0..elements.length()).filter_map(move |index| elements.item(index))
    }

    /// The inputs of the shown method in the order of the page, where the holder comes last.
    fn shown_inputs(&self) -> impl Iterator<Item = &Input> {
        let (last, first): (Vec<&Input>, Vec<&Input>) = self
            .inputs
            .iter()
            .filter(|input| belongs(input.name(), self.method))
            .partition(|input| input.name() == FieldName::Holder);
        first.into_iter().chain(last)
    }

    fn shown_choices(&self) -> impl Iterator<Item = &Choice> {
        self.choices.iter().filter(|choice| belongs(choice.name(), self.method))
    }

    fn input(&self, name: FieldName) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name() == name)
    }

    fn input_mut(&mut self, name: FieldName) -> Option<&mut Input> {
        self.inputs.iter_mut().find(|input| input.name() == name)
    }

    fn choice(&self, name: FieldName) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.name() == name)
    }

    fn choice_mut(&mut self, name: FieldName) -> Option<&mut Choice> {
        self.choices.iter_mut().find(|choice| choice.name() == name)
    }

    fn element(&self, selector: &str) -> Option<Element> {
        self.form.query_selector(selector).ok().flatten()
    }
}

/// The field whose element this is; none for the method chooser and for strangers.
#[must_use]
pub fn name_of(target: &JsValue) -> Option<FieldName> {
    let element = target.dyn_ref::<Element>()?;
    FieldName::parse(&element.get_attribute("name")?)
}

/// Whether a method shows a field.
const fn belongs(name: FieldName, method: Kind) -> bool {
    match name {
        FieldName::Holder => true,
        FieldName::Number | FieldName::Expiry | FieldName::Code => matches!(method, Kind::Card),
        FieldName::RoutingNumber
        | FieldName::AccountNumber
        | FieldName::AccountType
        | FieldName::AccountHolderType
        | FieldName::SecCode => matches!(method, Kind::BankAccount),
    }
}

fn show(element: &Element) {
    let _ = element.remove_attribute("hidden");
}

fn hide(element: &Element) {
    let _ = element.set_attribute("hidden", "");
}
