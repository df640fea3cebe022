//! The page as HTML. Every text that is somebody's goes through [`Text`].

use std::fmt::{self, Write as _};

use super::{
    OWN_POLICY, SCRIPT, STYLE,
    who::{Pass, Who, everybody},
};
use crate::{
    lock::{Access, Lock, LockedRoute, Path, Words},
    requirement::Name,
};

const LEGEND: &str = "\
<p class=\"lead\">Each row is a route, and what it requires. Each column is somebody who has just that, and nothing else; whether
they could call follows from the requirement.</p>
<ul class=\"legend\"><li class=\"y\">can call</li><li class=\"w\">can call if something else holds too</li><li class=\"n\">cannot \
call</li></ul>
";

/// The page of `lock`, under this title.
pub(super) fn page(lock: &Lock, title: &str) -> String {
    let mut page = String::new();
    // Writing to a `String` does not fail.
    let _ = write(&mut page, lock, title);
    page
}

fn write(page: &mut String, lock: &Lock, title: &str) -> fmt::Result {
    let columns = everybody(lock);
    let title = Text(Words(title));
    write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{OWN_POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{LEGEND}"
    )?;
    filter(page, lock, &columns)?;
    writeln!(
        page,
        "<div class=\"scroll\" role=\"region\" aria-label=\"Routes and who may call them\" tabindex=\"0\">\n<table>"
    )?;
    head(page, &columns)?;
    writeln!(page, "<tbody>")?;
    lock.routes.iter().try_for_each(|route| row(page, lock, route, &columns))?;
    write!(page, "</tbody>\n</table>\n</div>\n</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n")
}

/// Shown by the script, which does what it says.
fn filter(page: &mut String, lock: &Lock, columns: &[Who]) -> fmt::Result {
    let mut methods: Vec<&str> = lock.routes.iter().map(|route| route.method.as_str()).collect();
    methods.sort_by_key(|method| crate::table::order(method));
    methods.dedup();
    write!(
        page,
        "<form id=\"filter\" hidden>\n\
         <label>Path or requirement <input type=\"search\" name=\"text\" autocomplete=\"off\"></label>\n\
         <label>Method <select name=\"method\"><option value=\"\">any</option>"
    )?;
    for method in methods {
        let shown = Text(Words(if method == "*" { "every method" } else { method }));
        write!(page, "<option value=\"{}\">{shown}</option>", Text(method))?;
    }
    write!(
        page,
        "</select></label>\n<label>Who could call <select name=\"who\"><option value=\"\">anyone at all</option>"
    )?;
    for (at, who) in columns.iter().enumerate() {
        write!(page, "<option value=\"{}\">{}</option>", at + 1, Text(Named(who)))?;
    }
    writeln!(page, "</select></label>\n<output></output>\n</form>")
}

fn head(page: &mut String, columns: &[Who]) -> fmt::Result {
    let count = |is_in: fn(&Who) -> bool| columns.iter().filter(|who| is_in(who)).count();
    let mut groups = vec![
        ("Anyone", count(|who| matches!(who, Who::Anybody | Who::SignedIn))),
        ("Signed in just now, with the role", count(|who| matches!(who, Who::Role { .. }))),
        ("A key or token with just the scope", count(|who| matches!(who, Who::Scope(_)))),
    ];
    groups.retain(|(_, count)| *count > 0);
    write!(page, "<caption class=\"unseen\">Who may call each route</caption>\n<colgroup><col></colgroup>")?;
    for (_, count) in &groups {
        write!(page, "<colgroup span=\"{count}\"></colgroup>")?;
    }
    write!(page, "\n<thead>\n<tr><th scope=\"col\" rowspan=\"2\">Route</th>")?;
    for (name, count) in &groups {
        write!(page, "<th scope=\"colgroup\" colspan=\"{count}\">{name}</th>")?;
    }
    write!(page, "</tr>\n<tr>")?;
    for who in columns {
        let narrow = if matches!(who, Who::Scope(_)) { " class=\"s\"" } else { "" };
        write!(page, "<th scope=\"col\"{narrow}><span>{}</span></th>", Text(Short(who)))?;
    }
    writeln!(page, "</tr>\n</thead>")
}

fn row(page: &mut String, lock: &Lock, route: &LockedRoute, columns: &[Who]) -> fmt::Result {
    let open = if route.is_public() { " class=\"open\"" } else { "" };
    write!(page, "<tr{open} data-method=\"{}\"><th scope=\"row\">", Text(&route.method))?;
    title(page, route)?;
    match &route.access {
        Access::Requires(statement) => says(page, lock.text(statement))?,
        Access::Public(reason) => {
            let knows = if route.principal.is_some() { ", knows the caller" } else { "" };
            write!(page, " <span class=\"says\"><em>public{knows}</em> {}</span>", Text(Words(reason)))?;
        }
    }
    for object in &route.objects {
        let each = if object.of.each { "each " } else { "" };
        let (action, resource) = (Name(&object.of.action), Name(&object.of.resource));
        says(page, format!("{action} {each}{resource}: {}", lock.text(&object.requires)))?;
    }
    write!(page, "</th>")?;
    columns.iter().try_for_each(|who| cell(page, who, &who.passes(route)))?;
    writeln!(page, "</tr>")
}

fn title(page: &mut String, route: &LockedRoute) -> fmt::Result {
    let method = if route.method == "*" { "any" } else { route.method.as_str() };
    write!(page, "<b>{}</b> <code>{}</code>", Text(Words(method)), Breakable(&route.path))?;
    if route.layers.is_empty() {
        return Ok(());
    }
    let layers: Vec<String> = route.layers.iter().map(|layer| Words(layer).to_string()).collect();
    write!(page, " <span class=\"via\">through {}</span>", Text(layers.join(", ")))
}

fn says(page: &mut String, what: impl fmt::Display) -> fmt::Result {
    write!(page, " <code class=\"says\">{}</code>", Text(what))
}

fn cell(page: &mut String, who: &Who, pass: &Pass) -> fmt::Result {
    let name = Text(Short(who));
    let narrow = if matches!(who, Who::Scope(_)) { " s" } else { "" };
    match pass {
        Pass::Yes => write!(page, "<td class=\"y\" data-who=\"{name}\"><i>yes</i></td>"),
        Pass::No => write!(page, "<td class=\"n\"><i>no</i></td>"),
        Pass::With(more) => {
            let more = more.join(" & ");
            let more = Text(&more);
            write!(
                page,
                "<td class=\"w{narrow}\" data-who=\"{name}\" title=\"with {more}\"><i>with </i><code>{more}</code></td>"
            )
        }
    }
}

/// What is written in the head of a column.
struct Short<'a>(&'a Who);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Who::Anybody => f.write_str("anybody"),
            Who::SignedIn => f.write_str("signed in"),
            Who::Role { shown, .. } => f.write_str(shown),
            Who::Scope(scope) => Name(scope).fmt(f),
        }
    }
}

/// What is written where no column says what it is.
struct Named<'a>(&'a Who);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Who::Anybody | Who::SignedIn => Short(self.0).fmt(f),
            Who::Role { .. } => write!(f, "role {}", Short(self.0)),
            Who::Scope(_) => write!(f, "scope {}", Short(self.0)),
        }
    }
}

/// Text as it stands in HTML, also within quotes.
struct Text<T>(T);

impl<T: fmt::Display> fmt::Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

/// A path, which a narrow screen may break before each of its slashes.
struct Breakable<'a>(&'a str);

impl fmt::Display for Breakable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Path(self.0).to_string();
        let mut parts = text.split_inclusive('/');
        write!(f, "{}", Text(parts.next().unwrap_or_default()))?;
        parts.try_for_each(|part| write!(f, "<wbr>{}", Text(part)))
    }
}

struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.write_str("&amp;")?,
                '<' => self.0.write_str("&lt;")?,
                '>' => self.0.write_str("&gt;")?,
                '"' => self.0.write_str("&quot;")?,
                '\'' => self.0.write_str("&#39;")?,
                other => self.0.write_char(other)?,
            }
        }
        Ok(())
    }
}
