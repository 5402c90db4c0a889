"""The emergency of the exercise: which bodies act in it, which may provide or collect what, and when does it end?"""

from __future__ import annotations

import datetime as dt

from bianque.drill import names
from bianque.model.organisation import HolderKind
from bianque.model.text import Text

DAYS = 180  # from first to last day
REVIEW_DAYS = 30

# id, kind, name: one body of each kind; two of the kinds that approve, so that approvers can be of different bodies.
ORGANISATIONS: tuple[tuple[str, HolderKind, Text], ...] = (
    ("command", HolderKind.COMMAND, Text(zh="澄岚省疫情防控指挥部", en="Chenglan Emergency Command")),
    ("health-commission", HolderKind.COMMAND, Text(zh="澄岚省卫生健康委员会", en="Chenglan Health Commission")),
    ("community", HolderKind.GRASSROOTS, Text(zh="岚都市社区工作者联合会", en="Landu Community Workers")),
    ("education", HolderKind.EDUCATION, Text(zh="澄岚省教育厅", en="Chenglan Department of Education")),
    ("rail-police", HolderKind.POLICE, Text(zh="澄岚省铁路公安局", en="Chenglan Railway Police")),
    ("telecom", HolderKind.TELECOM, Text(zh="澄岚通信公司", en="Chenglan Telecom")),
    ("map-service", HolderKind.INTERNET, Text(zh="栖云地图公司", en="Qiyun Maps")),
    ("hospital", HolderKind.HOSPITAL, Text(zh="岚都市第一医院", en="Landu First Hospital")),
    ("laboratory", HolderKind.LABORATORY, Text(zh="澄岚省病原检测中心", en="Chenglan Pathogen Laboratory")),
)

_TEMPLATE = """\
# The emergency of the exercise: what two persons of the command body sign.  Made by `bianque drill people`.
# Every body in it is invented.
command_body = "command"
executing_bodies = ["health-commission", "community", "education", "rail-police", "telecom", "map-service", \
"hospital", "laboratory"]
legal_bases = ["cn-infectious-diseases-2013-12", "cn-infectious-diseases-2013-39", "cn-regulation-2003-44", \
"cn-cac-2020-02-09"]
purposes = ["contact_tracing", "isolation_follow_up", "situation_monitoring", "resource_allocation", \
"clinical_care", "laboratory_testing", "publication", "data_subject_rights", "oversight", "administration"]
regions = ["{province}"]
starts = {starts}
review = {review}
ends = {ends}
disposal_by = "health-commission"

[name]
zh = "演练：{zh}不明原因肺炎"
en = "Exercise: pneumonia of unknown cause in {en}"

[start_condition]
zh = "演练开始：{starts}，省会报告首批病例。"
en = "Start of the exercise: first cases reported in the capital on {starts}."

[retention]
identified_days = 30
pseudonymous_days = 365
audit_days = 1825

[disposal]
zh = "结束后三十日内销毁应急密钥，抹去可识别记录；纸质表格交回或销毁；数据接收方名单列入销毁证明。"
en = "Within 30 days of the close the keys of the emergency are destroyed and identified records erased; paper forms \
are returned or destroyed; recipients of data are listed in the certificate."
{sources}"""

# Who provides or collects which fields, for what, on which basis.
_SOURCES: tuple[tuple[str, tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        "community",
        ("name", "id_number", "phone", "address", "birth_date", "sex", "workplace", "region", "list"),
        ("contact_tracing", "isolation_follow_up"),
        "cn-infectious-diseases-2013-12",
    ),
    (
        "education",
        ("name", "birth_date", "sex", "workplace", "region", "list"),
        ("contact_tracing",),
        "cn-infectious-diseases-2013-12",
    ),
    (
        "rail-police",
        ("name", "id_number", "phone", "region", "list"),
        ("contact_tracing",),
        "cn-infectious-diseases-2013-12",
    ),
    ("telecom", ("phone", "region"), ("situation_monitoring",), "cn-cac-2020-02-09"),
    ("map-service", ("phone", "region"), ("situation_monitoring",), "cn-cac-2020-02-09"),
    (
        "hospital",
        ("name", "id_number", "phone", "birth_date", "sex", "region", "health_note"),
        ("clinical_care", "contact_tracing"),
        "cn-infectious-diseases-2013-39",
    ),
)


def authority_toml(start: dt.date) -> str:
    """The terms of the exercise's emergency, valid against `bianque.model.emergency.Terms`."""
    return _TEMPLATE.format(
        province=names.PROVINCE_CODE,
        zh=names.PROVINCE_ZH,
        en=names.PROVINCE_EN,
        starts=start.isoformat(),
        review=(start + dt.timedelta(days=REVIEW_DAYS)).isoformat(),
        ends=(start + dt.timedelta(days=DAYS)).isoformat(),
        sources="".join(_source(*source) for source in _SOURCES),
    )


def _source(organisation: str, fields: tuple[str, ...], purposes: tuple[str, ...], basis: str) -> str:
    listed = [", ".join(f'"{one}"' for one in several) for several in ([f"person.{f}" for f in fields], purposes)]
    return (
        f'\n[[sources]]\norganisation = "{organisation}"\nfields = [{listed[0]}]\n'
        f'purposes = [{listed[1]}]\nbasis = "{basis}"\n'
    )
