"""Names of the synthetic province.  None of them is the name of a place at county level or above in GB/T 2260.

Neither the characters nor the pinyin match a province, prefecture, county or district, so that a screenshot of an
exercise cannot be mistaken for news about a real place.
"""

from __future__ import annotations

PROVINCE_CODE = "990000"  # GB/T 2260 gives no code that starts with 99
PROVINCE_ZH, PROVINCE_EN = "澄岚省", "Chenglan"
CAPITAL_ZH, CAPITAL_EN = "岚都", "Landu"

# Short Chinese name and English name of the other 39 counties.
COUNTIES: tuple[tuple[str, str], ...] = (
    ("栖云", "Qiyun"),
    ("云栈", "Yunzhan"),
    ("松涧", "Songjian"),
    ("青篱", "Qingli"),
    ("枕溪", "Zhenxi"),
    ("落霞", "Luoxia"),
    ("苇塘", "Weitang"),
    ("远岫", "Yuanxiu"),
    ("鹤汀", "Heting"),
    ("碧梧", "Biwu"),
    ("竹坞", "Zhuwu"),
    ("雁回", "Yanhui"),
    ("芦汀", "Luting"),
    ("渔梁", "Yuliang"),
    ("琴泉", "Qinquan"),
    ("霜原", "Shuangyuan"),
    ("杏陂", "Xingbei"),
    ("茶坞", "Chawu"),
    ("银杉", "Yinshan"),
    ("石棠", "Shitang"),
    ("椿溪", "Chunxi"),
    ("稻川", "Daochuan"),
    ("桑陌", "Sangmo"),
    ("听泉", "Tingquan"),
    ("月陂", "Yuebei"),
    ("蓼川", "Liaochuan"),
    ("芷溪", "Zhixi"),
    ("雪岭", "Xueling"),
    ("榕坞", "Rongwu"),
    ("杉川", "Shanchuan"),
    ("枣坪", "Zaoping"),
    ("苔溪", "Taixi"),
    ("橘川", "Juchuan"),
    ("菱湾", "Lingwan"),
    ("鹿坪", "Luping"),
    ("萤川", "Yingchuan"),
    ("墨湾", "Mowan"),
    ("书台", "Shutai"),
    ("晓川", "Xiaochuan"),
)
