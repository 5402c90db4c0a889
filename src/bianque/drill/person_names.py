"""Names of the exercise's people, streets and employers.  No surname is one of the Hundred Family Surnames (百家姓).

A screenshot of an exercise cannot be mistaken for a list of real people: nobody whose family name stands in that book
is in it.
"""

from __future__ import annotations

SURNAMES = tuple("岚澜汀霁漪澈霏皓煦芷蓼岫涧霓溪屿舸笙烟雾霰露泠澄渺檐篱砚笺棹")
GIVEN = tuple("云舟听雪若川知秋望舒晚晴疏影闻溪暮归远帆星河松月青禾初阳竹心南枝北辰采薇怀瑾思齐清越嘉木")
GIVEN_NAMES = (*(one + two for one in GIVEN for two in GIVEN if one != two), *GIVEN)

STREETS = (
    *("听雨路", "归燕巷", "晴窗街", "照影路", "煮茶街", "拾穗路", "枕流路", "望月里", "采菱街", "挂帆路", "踏雪路"),
    *("鸣蝉巷", "流萤里", "织霞路", "寻梅街", "卧云路", "数星里", "浣纱街", "牧歌路", "扶犁路"),
)
EMPLOYERS = ("第一医院", "中学", "小学", "机械厂", "纺织厂", "电子厂", "公交公司", "农贸市场", "超市", "快递站")
