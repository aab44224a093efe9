/**
 * How likely a character is in a file name of its language, in coarse steps: enough to tell a
 * sentence from the noise that the wrong encoding makes of it. The common characters are those of
 * everyday text and of the things that people photograph; the rest shares a small remainder.
 */

const commonHanzi = new Set(
  // everyday text, most frequent first
  '的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作' +
    '里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从' +
    '想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头' +
    '文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提' +
    '立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务' +
    '做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像' +
    '难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导' +
    '争运六七八九百千零号组集图片照验证测试训练标注目录文件夹未完备份副本最终课作业版' +
    // things
    '苹梨桃橙橘柑柠檬葡萄莓草樱瓜甜香蕉荔枝芒菠萝李杏枣柚石榴猕猴蓝龙火椰莲竹番茄木菜卜土豆辣椒黄胡冬' +
    '丝苦角玉米花洋葱蒜姜韭芹莴笋蘑菇芽藕猫狗鸡鸭鹅鸟鱼虾蟹牛羊猪兔鼠虎狮豹熊狼狐鹿蛇龟蛙鹰鸽燕雀蝴蝶' +
    '蜂蚂蚁虫玫瑰菊兰荷梅桂葵郁牡丹茶树叶根茎种籽果皮肉蛋奶面包饭粥汤饼糕糖盐油酒咖啡车汽轿卡货客摩托' +
    '自行飞船箭轮铁房屋楼桥塔灯红绿青黑灰紫棕粉银圆方杯瓶碗盘刀叉勺筷桌椅床柜沙脑视鞋衣裤裙帽袜手套包' +
    '笔纸盒罐塑料玻璃属布垃圾回收有害厨余其他正常异缺陷划痕裂纹良坏病健康左右男女老幼春夏秋冬晴雨雪云雾' +
    '风江河湖田园森林沙漠岩矿石煤砂泥沟井管阀泵表盘仪器螺丝母钉锤钳锯板箱袋带绳线球拍琴鼓' +
    '熊麻喜鹊乌鸦鸳鸯鹦鹉蜻蜓蟑螂蚊蝇蜘蛛豚鲸鲨狸獾驴骡骆驼袋鼠企鹅',
);

const commonHangul = new Set(
  '이다는의가을에고도를하지한사은로자대기어서인정시리나그아수일부전보해주과라원제만니것면조스성들동장여' +
    '있유상공비구오신소트우계마관문선적업학용안무세경미발위생영회화국입분당년연으내물방식강모양명개치간출' +
    '실요중말되교게산거러드민없려현통와재달래바반데두터본결때단복타피행포파심금남북진호후노크차람음점많네' +
    '같님외임작월까르불집길박건운격체초형종목감새린알처청직예책합급든토권울황최희환림란승김천석준품색역법' +
    '각향별류곳평광검병배근증버습날머너저추돈군활칼야메레카테베페디키티프블플램귤렌몬망체딸복숭렁참외' +
    '곰돼닭뱀북꽃잎버섯빵밥치떡볶깨콩팥쌀벼옥감당근추늘파생선조개게새우문어징꿩독까마매올빼미비둘앵무' +
    '코끼린숭원랑토끼강눈귀입손발빨노랗파란검흰둥네모세컵병접시칼가위책상의자침신발옷모자안경시계냉장고' +
    '텔레컴퓨터폰집배차량데이터학습검증시험훈련이미지사진폴더복사완료최종정상불량결함균열',
);

const hiraganaKatakana = /[\u3041-\u3096\u30a1-\u30fa\u30fc]/;
const easternMarks = new Set('　、。，·・－—ー～〜（）《》「」【】［］“”：！？＿＆々');
const fullWidth = /[\uff01-\uff5e]/;

/** Where in the standard's own order of frequency a character stands. */
export type Rank = 'common' | 'level1' | 'level2' | 'rare';

/** Chinese; ranks by GB 2312, whose level 1 holds 3755 characters and level 2 another 3008. */
export function hanzi(character: string, rank: Rank): number {
  if (commonHanzi.has(character)) return 0.7 / commonHanzi.size;
  if (rank === 'level1') return 0.2 / 3000;
  if (rank === 'level2') return 0.05 / 3008;
  return mark(character) ?? 2e-7;
}

/** Korean; KS X 1001 has 2350 syllables, Microsoft's extension 8822 more, and 4888 hanja. */
export function hangul(character: string, rank: Rank): number {
  if (commonHangul.has(character)) return 0.85 / commonHangul.size;
  if (rank === 'level1') return 0.1 / 2100;
  if (rank === 'level2') return 0.003 / 4888;
  return mark(character) ?? 2e-7;
}

/** Japanese; JIS X 0208's level 1 holds 2965 kanji, level 2 3390. */
export function japanese(character: string, rank: Rank): number {
  if (hiraganaKatakana.test(character)) return 0.5 / 170;
  if (rank === 'level1') return 0.4 / 2965;
  if (rank === 'level2') return 0.03 / 3390;
  if (/[\uff61-\uff9f]/.test(character)) return 0.01 / 63; // half-width kana
  return mark(character) ?? 2e-7;
}

/** A letter of Latin script with an accent, by far the most of what CP437 names hold. */
export function accented(character: string): number {
  if (/[äöüéèêëàâáíóúñçôîïûùåæÄÖÜßÉ]/.test(character)) return 0.9 / 28;
  if (/\p{Script=Latin}/u.test(character)) return 0.05 / 12;
  return boxDrawing.test(character) ? 2e-5 : 3e-4;
}
const boxDrawing = /[\u2500-\u259f]/;

/** Text in any script, as UTF-8 carries it. */
export function anyScript(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xac00 && code <= 0xd7a3) return hangul(character, 'level1') / 4;
  if (hiraganaKatakana.test(character)) return japanese(character, 'rare') / 4;
  if (code >= 0x4e00 && code <= 0x9fff) return hanzi(character, 'level2') / 4;
  if (/\p{Script=Latin}/u.test(character)) return accented(character) / 4;
  if (/[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Thai}]/u.test(character)) {
    return 1 / 2000;
  }
  if (/\p{Mn}|\p{Emoji_Presentation}/u.test(character)) return 1 / 2000;
  return mark(character) ?? 1e-6;
}

function mark(character: string): number | null {
  if (easternMarks.has(character)) return 0.03 / easternMarks.size;
  return fullWidth.test(character) ? 0.003 / 94 : null;
}
