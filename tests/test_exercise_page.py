"""The page of an exercise in a browser: questions answer by keyboard, with no script at all."""

import pytest

PAGE = "exercises/adam-step.html"


@pytest.mark.browser
def test_a_question_answers_by_keyboard_one_option_at_a_time_without_scripts(browser, site):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(site + PAGE)
    options = tab.locator(".ol-question").first.locator("details")
    reasons = options.locator("p")
    assert not any(reason.is_visible() for reason in reasons.all())
    options.nth(0).locator("summary").focus()
    tab.keyboard.press("Enter")
    assert "Not so." in reasons.nth(0).inner_text()
    assert reasons.nth(0).is_visible()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    assert reasons.nth(1).is_visible()
    assert "Right." in reasons.nth(1).inner_text()
    assert not reasons.nth(0).is_visible()
    context.close()


@pytest.mark.browser
def test_hints_and_solution_are_folded_and_the_options_are_printed(browser, site):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(site + PAGE)
    folded = tab.locator("article details").all()
    names = [part.locator("summary").first.inner_text() for part in folded]
    assert {"Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Solution", "Answer"} < set(names)
    assert not any(part.get_attribute("open") for part in folded)
    tab.emulate_media(media="print")
    shown = [part.locator("summary").first.is_visible() for part in folded]
    assert [name for name, seen in zip(names, shown, strict=True) if seen] == [
        name for name in names if name not in ("Solution", "Answer") and "Hint" not in name
    ]
    context.close()
