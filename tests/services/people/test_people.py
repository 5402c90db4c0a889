"""People come in, are found, shown, corrected, exported and erased, each under a decision and on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyrage import x25519

from bianque.model.account import Account, GivenGrant
from bianque.model.authority import Purpose, Role
from bianque.model.case import Status
from bianque.model.emergency import State
from bianque.model.errors import BadInput, NeedsSecondPerson, PolicyRefusal
from bianque.model.protection import Because
from bianque.registry import accounts, age, backup, emergencies, grants, people
from bianque.registry.register import Register
from bianque.services import cases, follow_ups, outreach, protect, refusals, rights
from bianque.services.correct_person import correct_person
from bianque.services.erase_person import erase_people
from bianque.services.export_people import give_export, request_export, waiting_exports
from bianque.services.find_person import find_person
from bianque.services.import_people import Transfer, import_people
from bianque.services.show_person import show_person
from tests.safeguard.authorities import AT, grant
from tests.services.people.office import EMERGENCY, LI, STREET, ZHANG, at_work, events, furnish, written

WIDE = (grant(regions=("420000",)),)
NAMES = ("person.name", "person.phone")


@pytest.fixture(autouse=True)
def furnished(register: Register) -> None:
    furnish(register)


@pytest.fixture
def zhang(register: Register, tmp_path: Path) -> str:
    import_people(register, at_work(), written(tmp_path, ZHANG, LI), STREET)
    (found,) = find_person(register, at_work(), "phone", "13800138000")
    return found.id


def test_a_file_comes_in_and_values_the_source_may_not_give_are_counted_and_not_kept(
    register: Register, tmp_path: Path
) -> None:
    receipt = import_people(register, at_work(), written(tmp_path, ZHANG, LI), STREET)
    assert (receipt.read, receipt.accepted, receipt.quarantined, receipt.refused_values) == (2, 2, 0, 1)
    (found,) = find_person(register, at_work(), "id_number", "11010519491231002x")
    shown = show_person(register, at_work(), found.id).view
    assert shown["person.name"] == "张澄岚"
    assert shown["person.sex"] == "female"
    assert shown["person.list"] == "returned"
    assert shown["person.workplace"] == ""
    (li,) = find_person(register, at_work(grants=WIDE), "phone", "+86 13900139000")
    assert li.region == "420100"


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (ZHANG.replace("002X", "0021"), "id_number", "checksum"),
        (ZHANG.replace("13800138000", "1380013800"), "phone", "form"),
        (ZHANG.replace("13800138000", "17900138000"), "phone", "prefix"),
        (ZHANG.replace("1949-12-31", "1949-12-30"), "birth_date", "contradiction"),
        (ZHANG.replace("1949-12-31", "31.12.1949"), "birth_date", "date"),
        (ZHANG.replace("女", "f?"), "sex", "word"),
        (ZHANG.replace("420100", "桃花源"), "region", "unknown"),
        (ZHANG.replace("420100", "110101"), "region", "outside"),
        (ZHANG.replace("returned", "wanted"), "list", "unknown"),
        (ZHANG + ",x", "row", "columns"),
        (",,,落霞路七号,,,,,", "name", "nobody"),
    ],
)
@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_a_bad_row_goes_to_the_quarantine_with_its_field_and_a_word(
    register: Register, tmp_path: Path, row: str, field: str, reason: str
) -> None:
    receipt = import_people(register, at_work(), written(tmp_path, LI, row), STREET)
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (2, 1, 1)
    assert [(one.field, one.reason, one.first_row) for one in receipt.reasons] == [(field, reason, 3)]


def test_a_chinese_heading_and_gb18030_are_read(register: Register, tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes("姓名,手机号,地区\n张澄岚,13800138000,武汉\n".encode("gb18030"))
    receipt = import_people(register, at_work(), path, STREET)
    assert receipt.accepted == 1


def test_without_a_heading_nothing_is_guessed_and_nobody_named(register: Register, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no heading") as refused:
        import_people(register, at_work(), written(tmp_path, heading=ZHANG), STREET)
    assert "张澄岚" not in refused.value.diagnostics()


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_of_endless_commas_is_refused_before_it_fills_the_memory(
    register: Register, tmp_path: Path, end: str
) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(end.join(["name,phone", "张澄岚,13800138000", "," * 2_000_000, ""]).encode())
    with pytest.raises(BadInput, match=r"people.csv, line 3: it has more than 1,000,000 bytes"):
        import_people(register, at_work(), path, STREET)


@pytest.mark.parametrize("heading", ["name,phone,phone", "name,phone,手机号"])
@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_of_two_columns_of_one_name_neither_is_taken(register: Register, tmp_path: Path, heading: str) -> None:
    with pytest.raises(BadInput, match="names phone twice"):
        import_people(register, at_work(), written(tmp_path, "张澄岚,13800138000,13900139000", heading=heading), STREET)
    assert people.find(register, at_work(), "phone", "13900139000") == []


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_a_utf_8_file_with_a_bad_byte_is_not_read_as_gb18030(register: Register, tmp_path: Path) -> None:
    """Every two bytes of such a file are a character of GB 18030, though none that anybody wrote."""
    path = tmp_path / "people.csv"
    path.write_bytes("\ufeffphone,name\n13800138000,张岚\n".encode() + b"13900139000,\x81\x30\x81\x30\n")
    with pytest.raises(BadInput, match="neither UTF-8 nor GB 18030"):
        import_people(register, at_work(), path, STREET)


def test_a_child_is_marked_and_a_grown_up_is_not(register: Register, tmp_path: Path) -> None:
    child = "王青篱,,13700137000,,2013-02-02,女,420100,,"
    import_people(register, at_work(), written(tmp_path, child, ZHANG), STREET)
    contexts = []
    for phone in ("13700137000", "13800138000"):
        (header,) = people.headers(register, at_work(), people.find(register, at_work(), "phone", phone))
        contexts.append(header.resource(()).context)
    assert contexts == [{"under_14"}, {"health"}]


def test_an_organisation_that_is_no_source_gives_nothing(register: Register, tmp_path: Path) -> None:
    with pytest.raises(PolicyRefusal, match="source"):
        import_people(register, at_work(), written(tmp_path, ZHANG), Transfer("rail", "server"))
    assert people.find(register, at_work(), "phone", "13800138000") == []
    assert [(one["action"], one["outcome"]) for one in events(register)] == [("import_people", "deny")]


def test_only_a_grassroots_organisation_collects_anew(register: Register, tmp_path: Path) -> None:
    clinic = at_work().emergency
    assert clinic is not None
    source = clinic.terms.sources[0].model_copy(update={"organisation": "clinic"})
    terms = clinic.terms.model_copy(update={"sources": (source,)})
    authority = at_work(emergency=replace(clinic, terms=terms))
    with pytest.raises(PolicyRefusal, match="collected-anew"):
        import_people(register, authority, written(tmp_path, ZHANG), Transfer("clinic", "desk", anew=True))
    assert import_people(register, authority, written(tmp_path, ZHANG), Transfer("clinic", "desk")).accepted == 1


def test_people_elsewhere_are_not_found_and_the_attempt_is_on_record(register: Register, tmp_path: Path) -> None:
    elsewhere = ZHANG.replace("420100", "襄阳市")
    import_people(register, at_work(grants=WIDE), written(tmp_path, elsewhere), STREET)
    assert find_person(register, at_work(), "phone", "13800138000") == []
    assert (events(register)[-1]["action"], events(register)[-1]["outcome"]) == ("read_person", "deny")
    assert len(find_person(register, at_work(grants=WIDE), "phone", "13800138000")) == 1


def test_nobody_learns_which_records_there_are(register: Register, zhang: str) -> None:
    stranger = at_work(grants=())
    for record in (zhang, "0" * 32):
        with pytest.raises(PolicyRefusal):
            show_person(register, stranger, record)
    with pytest.raises(PolicyRefusal):
        show_person(register, at_work(), "0" * 32)
    assert [one["outcome"] for one in events(register)[-3:]] == ["deny"] * 3


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_with_no_emergency_chosen_nothing_is_done_and_each_attempt_is_on_record(register: Register, zhang: str) -> None:
    nowhere = {
        role: at_work(role, emergency=None) for role in (Role.TRACER, Role.COMMUNITY_WORKER, Role.DPO, Role.COMMAND)
    }
    tracer, officer = nowhere[Role.TRACER], nowhere[Role.DPO]
    until = AT.date()
    attempts: list[Callable[[], object]] = [
        lambda: show_person(register, tracer, zhang),
        lambda: find_person(register, tracer, "phone", "13800138000"),
        lambda: correct_person(register, tracer, zhang, {"person.phone": ""}),
        lambda: request_export(register, tracer, of_list="returned", fields=NAMES, recipient="clinic", reason="beds"),
        lambda: give_export(register, tracer, "0" * 32),
        lambda: waiting_exports(register, tracer),
        lambda: erase_people(register, officer, [zhang], reason="the person asked for it"),
        lambda: protect.protect(register, officer, zhang, Because.WITNESS),
        lambda: protect.list_protected(register, officer),
        lambda: rights.list_requests(register, officer),
        lambda: rights.statement(register, officer, "0" * 12),
        lambda: follow_ups.assign_follow_up(register, tracer, zhang, "worker", until),
        lambda: follow_ups.own_list(register, nowhere[Role.COMMUNITY_WORKER]),
        lambda: follow_ups.write_note(register, tracer, "0" * 32, "well"),
        lambda: cases.show_cases(register, tracer, zhang),
        lambda: cases.reclassify_case(register, tracer, "0" * 32, Status.CONFIRMED),
        lambda: outreach.list_outreach(register, nowhere[Role.COMMAND]),
        lambda: refusals.list_assistance(register, tracer),
        lambda: refusals.record_refusal(register, tracer, zhang, "testing"),
    ]
    for attempt in attempts:
        before = len(events(register))
        with pytest.raises(PolicyRefusal, match="emergency-"):
            attempt()
        after = events(register)[before:]
        assert [one["outcome"] for one in after] == ["deny"]


def test_every_read_is_one_event_with_a_pseudonym_and_without_a_value(register: Register, zhang: str) -> None:
    show_person(register, at_work(), zhang, NAMES)
    last = events(register)[-1]
    assert (last["action"], last["subject"], last["fields"]) == ("read_person", register.subject(zhang), list(NAMES))
    assert not [one for one in events(register) for value in ("张澄岚", "13800138000", zhang) if value in str(one)]


def test_the_command_body_sees_a_person_masked(register: Register, zhang: str) -> None:
    command = at_work(Role.COMMAND, grants=(grant(Purpose.CONTACT_TRACING),), purpose=Purpose.CONTACT_TRACING)
    shown = show_person(register, command, zhang, NAMES).view
    assert dict(shown) == {"person.name": "张＊＊", "person.phone": "138****8000"}


def test_a_correction_is_checked_as_an_import_is(register: Register, zhang: str) -> None:
    with pytest.raises(BadInput, match="phone cannot be corrected") as refused:
        correct_person(register, at_work(), zhang, {"person.phone": "1380013"})
    assert "1380013" not in refused.value.diagnostics()
    assert correct_person(register, at_work(), zhang, {"person.phone": "137 0013 7000"}) == 2
    (found,) = find_person(register, at_work(), "phone", "13700137000")
    assert found.id == zhang
    with pytest.raises(PolicyRefusal):
        correct_person(register, at_work(grants=()), zhang, {"person.phone": "13800138000"})


def test_an_export_is_asked_for_by_one_and_given_by_another(register: Register, zhang: str) -> None:
    asked = request_export(
        register, at_work(), of_list="returned", fields=NAMES, recipient="clinic", reason="beds for tonight"
    )
    with pytest.raises(PolicyRefusal, match="second-person-is-first"):
        give_export(register, at_work(), asked.id)
    second = at_work(account="another")
    with pytest.raises(PolicyRefusal, match="proof-too-old"):
        give_export(register, at_work(account="another", proved=AT - dt.timedelta(hours=1)), asked.id)
    export = give_export(register, second, asked.id)
    assert export.csv() == "person.name,person.phone\r\n张澄岚,13800138000\r\n"
    assert (events(register)[-1]["subject"], events(register)[-1]["recipient"]) == (register.subject(zhang), "clinic")
    with pytest.raises(PolicyRefusal, match="not-there"):
        give_export(register, second, asked.id)


def _closed(register: Register) -> None:
    with register.system() as connection:
        emergencies.add(connection, replace(EMERGENCY, state=State.CLOSED, closed_at=AT), "lan", AT)


def _disabled(register: Register) -> None:
    with register.system() as connection:
        accounts.add(connection, Account("another", "cdc", "cdc", Role.TRACER, AT, True, True), "", AT, "lan")
        accounts.disable(connection, "another", AT)


def _revoked(register: Register) -> None:
    (held,) = at_work().grants
    with register.system() as connection:
        accounts.add(connection, Account("another", "cdc", "cdc", Role.TRACER, AT, True, True), "", AT, "lan")
        grants.add(connection, GivenGrant(held, "another", "lan", AT, "cdc"))
        grants.revoke(connection, held.id, "lan", AT)


@pytest.mark.parametrize(
    ("taken_away", "rule"),
    [
        (_closed, "emergency-not-open"),
        (_disabled, "session-ended"),
        (_revoked, "purpose-not-granted"),
        (lambda _: None, "session-ended"),
    ],
    ids=["the emergency closed", "the account disabled", "the grant revoked", "the session ended"],
)
@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_an_export_that_runs_while_what_permits_it_is_taken_away_gives_nothing(
    register: Register, zhang: str, taken_away: Callable[[Register], None], rule: str
) -> None:
    """The authority is that of before, as it is where reading a list takes minutes."""
    asked = request_export(
        register, at_work(), of_list="returned", fields=NAMES, recipient="clinic", reason="beds for tonight"
    )
    second = at_work(account="another", session="of one who logged out" if taken_away.__name__ == "<lambda>" else "")
    taken_away(register)
    with pytest.raises(PolicyRefusal, match=rule):
        give_export(register, second, asked.id)
    last = events(register)[-1]
    assert (last["outcome"], last["rule"], last["subject"]) == ("deny", rule, register.subject(zhang))
    assert [one.id for one in waiting_exports(register, at_work())] == [asked.id]


def test_nothing_is_exported_to_a_body_the_emergency_does_not_name(register: Register, tmp_path: Path) -> None:
    import_people(register, at_work(), written(tmp_path, ZHANG), STREET)
    for recipient in ("a-company", "rail"):
        with pytest.raises(PolicyRefusal, match="recipient-not-named"):
            request_export(register, at_work(), of_list="returned", fields=NAMES, recipient=recipient, reason="x")


@pytest.mark.parametrize("begins", ["=", "＝", "＠"])  # a Chinese or Japanese spreadsheet runs the wide ones too
def test_a_cell_that_a_spreadsheet_would_run_is_exported_as_text(
    register: Register, tmp_path: Path, begins: str
) -> None:
    row = ZHANG.replace("张澄岚", f"{begins}HYPERLINK(1)")
    import_people(register, at_work(), written(tmp_path, row), STREET)
    asked = request_export(
        register, at_work(), of_list="returned", fields=NAMES, recipient="clinic", reason="beds for tonight"
    )
    assert f"'{begins}HYPERLINK(1)" in give_export(register, at_work(account="another"), asked.id).csv()


def test_an_empty_list_is_not_exported(register: Register) -> None:
    with pytest.raises(PolicyRefusal, match="not-there"):
        request_export(register, at_work(), of_list="nobody", fields=NAMES, recipient="clinic", reason="x")


def test_erasing_is_not_the_tracers_and_the_officers(register: Register, zhang: str) -> None:
    with pytest.raises(PolicyRefusal):
        erase_people(register, at_work(), [zhang], reason="asked")
    show_person(register, at_work(), zhang)
    officer = at_work(Role.DPO, grants=())
    try:
        done = erase_people(register, officer, [zhang], reason="the person asked for it")
    except NeedsSecondPerson:
        pytest.fail("the officer erases at a data subject's request")
    assert (done.records, done.keys) == (1, 1)
    with pytest.raises(PolicyRefusal):
        show_person(register, at_work(), zhang)
    assert find_person(register, at_work(), "phone", "13800138000") == []


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
def test_of_more_records_than_one_person_has_none_is_erased(register: Register, tmp_path: Path) -> None:
    rows = [f"澄岚{n},,1380013800{n},,,,420100,," for n in range(6)]
    import_people(register, at_work(), written(tmp_path, *rows), STREET)
    records = [people.find(register, at_work(), "phone", row.split(",")[2])[0] for row in rows]
    officer = at_work(Role.DPO, grants=())
    with pytest.raises(PolicyRefusal, match="erased-at-large"):
        erase_people(register, officer, records, reason="the person asked for it")
    assert [one.id for one in people.headers(register, officer, records)] == records
    assert erase_people(register, officer, records[:5], reason="the person asked for it").records == 5


def test_a_file_with_one_more_line_end_says_how_many_stand_here_already(register: Register, tmp_path: Path) -> None:
    assert import_people(register, at_work(), written(tmp_path, ZHANG, LI), STREET).doubled == 0
    again = written(tmp_path, ZHANG, "王青篱,,13700137000,,,,420100,,")
    assert import_people(register, at_work(), again, STREET).doubled == 1


def test_who_erases_hears_of_another_record_with_the_same_id_number(
    register: Register, zhang: str, tmp_path: Path
) -> None:
    import_people(register, at_work(), written(tmp_path, ZHANG), STREET)
    (again,) = {*people.find(register, at_work(), "phone", "13800138000")} - {zhang}
    officer = at_work(Role.DPO, grants=())
    assert erase_people(register, officer, [zhang], reason="the person asked for it").others == 1
    assert erase_people(register, officer, [again], reason="the person asked for it").others == 0


def test_who_was_erased_is_in_no_backup_of_the_keys_any_more(register: Register, zhang: str, tmp_path: Path) -> None:
    key = x25519.Identity.generate()
    backup.back_up(register, tmp_path / "backups", [str(key.to_public())], AT)
    (newest,) = (tmp_path / "backups").glob("*-keys.age")

    def held() -> bool:
        plain = bytearray()
        age.read(newest, [key], plain.extend)
        return zhang.encode() in plain

    assert held()
    erase_people(register, at_work(Role.DPO, grants=()), [zhang], reason="the person asked for it")
    assert not held()


@pytest.mark.parametrize("reason", ["", " ", "call 13800138000", "11010519491231002X asked"])
def test_a_reason_says_something_and_names_nobody(register: Register, zhang: str, reason: str) -> None:
    before = len(events(register))
    with pytest.raises(BadInput, match="reason"):
        erase_people(register, at_work(Role.DPO), [zhang], reason=reason)
    with pytest.raises(BadInput, match="reason"):
        request_export(register, at_work(), of_list="returned", fields=NAMES, recipient="clinic", reason=reason)
    assert len(events(register)) == before
