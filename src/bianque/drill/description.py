"""emergency.toml of an exercise: what its files mean, for `bianque assess`.

The definition change is not declared: finding it is part of the exercise. The truth has it.
"""

from __future__ import annotations

from bianque.drill import names
from bianque.drill.epidemic import SERIAL_INTERVAL_MEAN, SERIAL_INTERVAL_SD
from bianque.drill.exercise import Exercise
from bianque.drill.observe import TERMS

_TEMPLATE = """\
# A synthetic exercise. Nothing in this folder happened; the truth the feeds were made from is in truth/.

[situation]
id = "drill-{seed}"
name = {{ zh = "{province_zh}疫情演练 {seed}（合成数据）", en = "{province_en} exercise {seed} (synthetic)" }}
disease = {{ zh = "演练用呼吸道传染病", en = "Respiratory disease of the exercise" }}
start = {start}
regions = "regions.csv"
level = "county"
shapes = "regions.geojson"

[situation.whole]
code = "{province_code}"
name = {{ zh = "{province_zh}", en = "{province_en}" }}
population = {population}

[situation.serial_interval]
mean = {mean}
sd = {sd}
source = "Nishiura, Linton and Akhmetzhanov 2020, Int J Infect Dis 93:284 (18 most certain pairs)"

[[situation.note]]
zh = "全部内容均为合成数据：省、县、人口、出行、病例、搜索和就诊均由计算机按种子 {seed} 生成，\
与任何真实地区或事件无关。"
en = "Everything here is synthetic: province, counties, residents, travel, cases, searches and visits were made by a \
computer from seed {seed} and have nothing to do with any real place or event."

[[feed]]
id = "cases"
kind = "case_counts"
file = "cases.csv"
name = {{ zh = "县级病例报告", en = "County case reports" }}
source = "bianque drill, seed {seed}"
terms = "synthetic"
form = "cumulative"
date = {{ column = "date" }}
region = {{ column = "code" }}
measures = {{ confirmed = "confirmed", deaths = "deaths" }}
known_at = {{ delay_days = 1 }}

[[feed]]
id = "flows"
kind = "flows"
file = "flows.csv"
name = {{ zh = "县际出行", en = "Travel between counties" }}
source = "bianque drill, seed {seed}"
terms = "synthetic"
date = {{ column = "date" }}
origin = {{ column = "origin" }}
destination = {{ column = "destination" }}
volume = {{ column = "persons", unit = "persons" }}
known_at = {{ delay_days = 1 }}

[[feed]]
id = "searches"
kind = "search_counts"
file = "searches.csv"
name = {{ zh = "症状搜索", en = "Searches for symptoms" }}
source = "bianque drill, seed {seed}"
terms = "synthetic"
date = {{ column = "date" }}
region = {{ column = "code" }}
measures = {{ {terms} }}

[[feed]]
id = "visits"
kind = "visits"
file = "visits.csv"
name = {{ zh = "发热门诊就诊", en = "Fever-clinic visits" }}
source = "bianque drill, seed {seed}"
terms = "synthetic"
date = {{ column = "date" }}
region = {{ column = "code" }}
measures = {{ fever_clinic = "fever_clinic" }}
"""


def emergency_toml(exercise: Exercise) -> str:
    """The description of the exercise's files, valid against `bianque.model.emergency_file`."""
    return _TEMPLATE.format(
        seed=exercise.seed,
        start=exercise.calendar.start.isoformat(),
        province_zh=names.PROVINCE_ZH,
        province_en=names.PROVINCE_EN,
        province_code=names.PROVINCE_CODE,
        population=int(exercise.province.population.sum()),
        mean=SERIAL_INTERVAL_MEAN,
        sd=SERIAL_INTERVAL_SD,
        terms=", ".join(f'{term} = "{term}"' for term in TERMS),
    )
