"""The people of an exercise: well-formed numbers that belong to nobody, the same bytes from the same seed."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from bianque.drill import write_population
from bianque.drill.authority import ORGANISATIONS
from bianque.drill.people import COLUMNS, LISTS, SyntheticPerson, draw_people
from bianque.drill.person_names import SURNAMES
from bianque.drill.population import population_files, province_of
from bianque.model import identifiers
from bianque.model.emergency import Terms
from bianque.model.errors import BadInput

from .conftest import START

HUNDRED_FAMILY_SURNAMES = """
赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐
费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁
杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚
程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙
叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴鬱胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农
温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空
曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公
"""


@pytest.fixture(scope="module")
def people() -> list[SyntheticPerson]:
    return list(draw_people(province_of(7), seed=7, count=10_000, start=START))


def test_every_number_is_well_formed_and_no_id_number_is_given_twice(people: list[SyntheticPerson]) -> None:
    assert {identifiers.fault("id_number", person.id_number) for person in people} == {""}
    assert {identifiers.fault("phone", person.phone) for person in people} == {""}
    assert len({person.id_number for person in people}) == len(people)


def test_no_number_and_no_name_can_be_a_real_person_s(people: list[SyntheticPerson]) -> None:
    assert {person.id_number[:4] for person in people} == {"9990"}  # GB/T 2260 gives no code that starts with 99
    assert {person.phone[:3] for person in people} == {identifiers.EXERCISE_PREFIX}
    assert not set(SURNAMES) & set(HUNDRED_FAMILY_SURNAMES)


def test_an_id_number_says_what_the_record_says(people: list[SyntheticPerson]) -> None:
    for person in people:
        assert identifiers.birth_date(person.id_number).isoformat() == person.birth_date
        assert identifiers.sex(person.id_number) == person.sex
    elsewhere = sum(identifiers.region(person.id_number) != person.region for person in people)
    assert 0.05 < elsewhere / len(people) < 0.25


def test_a_household_shares_its_address_and_its_list_and_children_the_phone_of_the_first(
    people: list[SyntheticPerson],
) -> None:
    households: dict[int, list[SyntheticPerson]] = {}
    for person in people:
        households.setdefault(person.household, []).append(person)
    assert 2.3 < len(people) / len(households) < 2.9
    for members in households.values():
        assert len({(m.address, m.region, m.list) for m in members}) == 1
        children = [m for m in members if m.birth_date > "2007-01-01"]
        assert {m.phone for m in children} <= {members[0].phone}
        assert members[0] not in children
    assert 0.05 < sum(p.birth_date > "2007-01-01" for p in people) / len(people) < 0.2


def test_some_are_on_each_list_and_some_are_protected(people: list[SyntheticPerson]) -> None:
    lists = Counter(person.list for person in people)
    assert set(lists) == {"", *(listed.id for listed in LISTS)}
    assert lists["returned"] > lists["fever-clinic"] > 20
    assert set(Counter(person.protected for person in people)) == {"", "witness", "shelter"}


def test_a_larger_population_begins_with_the_smaller_one(people: list[SyntheticPerson]) -> None:
    assert list(islice(draw_people(province_of(7), seed=7, count=25_000, start=START), 10_000)) == people
    assert next(draw_people(province_of(8), seed=8, count=1, start=START)) != people[0]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    made = [population_files(seed=seed, count=500, start=START)["people.csv"] for seed in (3, 3, 4)]
    assert made[0] == made[1] != made[2]


def test_the_folder_holds_what_an_emergency_needs(tmp_path: Path) -> None:
    write_population(tmp_path / "people", seed=7, count=2_000, start=START)
    rows = list(csv.DictReader((tmp_path / "people" / "people.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 2_000
    assert tuple(rows[0]) == COLUMNS
    protected = (tmp_path / "people" / "protected.csv").read_text("utf-8").splitlines()[1:]
    assert {line.split(",")[0] for line in protected} <= {row["id_number"] for row in rows}
    lists = (tmp_path / "people" / "lists.csv").read_text("utf-8")
    assert {row["list"] for row in rows} - {""} <= set(re.findall(r"^([\w-]+),", lists, re.MULTILINE))


def test_the_terms_of_the_exercise_are_terms_of_an_emergency(tmp_path: Path) -> None:
    write_population(tmp_path / "people", seed=7, count=1, start=START)
    terms = Terms.model_validate(tomllib.loads((tmp_path / "people" / "authority.toml").read_text("utf-8")))
    bodies = {id_ for id_, _, _ in ORGANISATIONS}
    assert {terms.command_body, terms.disposal_by, *terms.executing_bodies} == bodies
    assert {source.organisation for source in terms.sources} <= bodies
    assert terms.starts == START


@pytest.mark.parametrize(("count", "start"), [(0, START), (5_000_001, START), (1, dt.date(1900, 1, 1))])
def test_a_population_out_of_range_is_refused(count: int, start: dt.date) -> None:
    with pytest.raises(BadInput, match="cannot be made"):
        next(draw_people(province_of(7), seed=7, count=count, start=start))
