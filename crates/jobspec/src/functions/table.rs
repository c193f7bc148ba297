//! All functions and their parameters.

use super::Want::{Any, List, Number, Set, Text, Texts};
use super::{Answer, Function, Parameter, Want};
use super::{
    arithmetic, cidr, collection, date, encode, file, format, hash, json, list, map, set, text, yaml,
    yaml_read,
};
use crate::options::Options;
use crate::value::Value;

type Run = fn(&[Value], &Options<'_>) -> Answer;

const fn p(name: &'static str, want: Want) -> Parameter {
    Parameter { name, want, null: false }
}

const fn nullable(name: &'static str, want: Want) -> Parameter {
    Parameter { name, want, null: true }
}

const fn fixed(name: &'static str, parameters: &'static [Parameter], run: Run) -> Function {
    Function { name, parameters, variadic: None, run, cost: 1 }
}

const fn many(
    name: &'static str,
    parameters: &'static [Parameter],
    variadic: Parameter,
    run: Run,
) -> Function {
    Function { name, parameters, variadic: Some(variadic), run, cost: 1 }
}

impl Function {
    const fn costs(self, cost: usize) -> Self {
        Self { cost, ..self }
    }
}

pub(super) const FUNCTIONS: &[Function] = &[
    fixed("abs", &[p("num", Number)], arithmetic::abs),
    fixed("abspath", &[p("path", Text)], file::abspath),
    fixed("base64decode", &[p("str", Text)], encode::base64decode),
    fixed("base64encode", &[p("str", Text)], encode::base64encode),
    fixed("basename", &[p("path", Text)], file::basename),
    many("bcrypt", &[p("str", Text)], p("cost", Number), hash::bcrypt),
    fixed("ceil", &[p("num", Number)], arithmetic::ceil),
    fixed("chomp", &[p("str", Text)], text::chomp),
    fixed("chunklist", &[p("list", List), p("size", Number)], list::chunklist),
    fixed("cidrhost", &[p("prefix", Text), p("hostnum", Number)], cidr::cidrhost),
    fixed("cidrnetmask", &[p("prefix", Text)], cidr::cidrnetmask),
    fixed("cidrsubnet", &[p("prefix", Text), p("newbits", Number), p("netnum", Number)], cidr::cidrsubnet),
    many("cidrsubnets", &[p("prefix", Text)], p("newbits", Number), cidr::cidrsubnets),
    many("coalesce", &[], nullable("vals", Any), collection::coalesce),
    many("coalescelist", &[], nullable("vals", Any), collection::coalescelist),
    fixed("compact", &[p("list", Texts)], list::compact),
    many("concat", &[], p("seqs", Any), list::concat),
    fixed("contains", &[p("list", Any), nullable("value", Any)], collection::contains),
    fixed("csvdecode", &[p("str", Text)], encode::csvdecode),
    fixed("dirname", &[p("path", Text)], file::dirname),
    fixed("distinct", &[p("list", List)], list::distinct),
    fixed("element", &[p("list", Any), p("index", Number)], list::element),
    fixed("file", &[p("path", Text)], file::file),
    fixed("filebase64", &[p("path", Text)], file::filebase64),
    fixed("fileexists", &[p("path", Text)], file::fileexists),
    fixed("fileset", &[p("path", Text), p("pattern", Text)], file::fileset),
    fixed("flatten", &[p("list", Any)], list::flatten),
    fixed("floor", &[p("num", Number)], arithmetic::floor),
    many("format", &[p("format", Text)], nullable("args", Any), format::format),
    fixed("formatdate", &[p("format", Text), p("time", Text)], date::formatdate),
    many("formatlist", &[p("format", Text)], nullable("args", Any), format::formatlist),
    fixed("indent", &[p("spaces", Number), p("str", Text)], text::indent),
    fixed("index", &[p("collection", Any), p("key", Any)], collection::index),
    many("join", &[p("separator", Text)], p("lists", Texts), text::join),
    fixed("jsondecode", &[p("str", Text)], json::jsondecode),
    fixed("jsonencode", &[nullable("val", Any)], json::jsonencode),
    fixed("keys", &[p("inputMap", Any)], map::keys),
    fixed("length", &[p("collection", Any)], collection::length),
    fixed("log", &[p("num", Number), p("base", Number)], arithmetic::log),
    fixed("lookup", &[p("inputMap", Any), p("key", Text), nullable("default", Any)], map::lookup),
    fixed("lower", &[p("str", Text)], text::lower),
    many("max", &[], p("numbers", Number), arithmetic::max),
    fixed("md5", &[p("str", Text)], hash::md5),
    many("merge", &[], nullable("maps", Any), map::merge),
    many("min", &[], p("numbers", Number), arithmetic::min),
    fixed("parseint", &[p("number", Any), p("base", Number)], arithmetic::parseint),
    fixed("pathexpand", &[p("path", Text)], file::pathexpand),
    fixed("pow", &[p("num", Number), p("power", Number)], arithmetic::pow),
    many("range", &[], p("params", Number), arithmetic::range),
    fixed("regex_replace", &[p("str", Text), p("pattern", Text), p("replace", Text)], text::regex_replace)
        .costs(8),
    fixed("replace", &[p("str", Text), p("substr", Text), p("replace", Text)], text::replace),
    fixed("reverse", &[p("str", Text)], text::strrev),
    fixed("rsadecrypt", &[p("ciphertext", Text), p("privatekey", Text)], hash::rsadecrypt),
    many("setintersection", &[p("first_set", Set)], p("other_sets", Set), set::setintersection),
    many("setproduct", &[], p("sets", Any), set::setproduct),
    many("setunion", &[p("first_set", Set)], p("other_sets", Set), set::setunion),
    fixed("sha1", &[p("str", Text)], hash::sha1),
    fixed("sha256", &[p("str", Text)], hash::sha256),
    fixed("sha512", &[p("str", Text)], hash::sha512),
    fixed("signum", &[p("num", Number)], arithmetic::signum),
    fixed("slice", &[p("list", Any), p("start_index", Number), p("end_index", Number)], list::slice),
    fixed("sort", &[p("list", Texts)], list::sort),
    fixed("split", &[p("separator", Text), p("str", Text)], text::split),
    fixed("strlen", &[p("str", Text)], text::strlen),
    fixed("strrev", &[p("str", Text)], text::strrev),
    fixed("substr", &[p("str", Text), p("offset", Number), p("length", Number)], text::substr),
    fixed("timeadd", &[p("timestamp", Text), p("duration", Text)], date::timeadd),
    fixed("title", &[p("str", Text)], text::title),
    fixed("trim", &[p("str", Text), p("cutset", Text)], text::trim),
    fixed("trimprefix", &[p("str", Text), p("prefix", Text)], text::trimprefix),
    fixed("trimspace", &[p("str", Text)], text::trimspace),
    fixed("trimsuffix", &[p("str", Text), p("suffix", Text)], text::trimsuffix),
    fixed("upper", &[p("str", Text)], text::upper),
    fixed("urlencode", &[p("str", Text)], encode::urlencode),
    fixed("uuidv4", &[], hash::uuidv4),
    fixed("uuidv5", &[p("namespace", Text), p("name", Text)], hash::uuidv5),
    fixed("values", &[p("mapping", Any)], map::values),
    fixed("yamldecode", &[p("src", Text)], yaml_read::yamldecode),
    fixed("yamlencode", &[nullable("value", Any)], yaml::yamlencode),
    fixed("zipmap", &[p("keys", Texts), p("values", Any)], map::zipmap),
];
