//! Compile errors are part of the interface: each says what to do. The texts are the compiler's, so a new compiler may
//! say the same in other words; `TRYBUILD=overwrite` writes them anew.

#[test]
fn mistakes_do_not_compile_and_say_what_to_do() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile/pass.rs");
    cases.compile_fail("tests/compile/[!p]*.rs");
}
