import { describe, expect, it } from 'vitest';
import { guessEncoding } from '../../../src/data/names/guess-encoding.ts';
import { rawName } from '../../../src/data/names/raw-name.ts';
import type { NameEncoding } from '../../../src/protocol/dataset.ts';
import { createRandom } from '../../../src/util/random.ts';
import { encodeText } from '../../support/zips.ts';

function raw(names: readonly string[], encoding: NameEncoding): string[] {
  return names.map((name) => rawName(encodeText(name, encoding)));
}

/** Folder and file names as they come; an archive has two classes at least. */
const archives: [NameEncoding, string, string[]][] = [
  ['gb18030', 'fruit', ['苹果/1.jpg', '香蕉/1.jpg', '猕猴桃/1.jpg', '牛油果/1.jpg']],
  ['gb18030', 'two short names whose bytes are also Hangul', ['苹果/1.jpg', '柠檬/1.jpg']],
  ['gb18030', 'one character each', ['猫/1.jpg', '狗/1.jpg']],
  ['gb18030', 'birds, with rare characters', ['鹦鹉', '鸵鸟', '啄木鸟', '鹌鹑']],
  ['gb18030', 'split folders', ['训练集/a/1.jpg', '验证集/b/1.jpg']],
  ['gb18030', 'a root folder only', ['数据集/cat/1.jpg', '数据集/dog/1.jpg']],
  ['gb18030', 'mixed with Latin', ['strawberry_草莓', 'blueberry_蓝莓']],
  ['gb18030', 'copies in brackets', ['图片（1）.jpg', '图片（2）.jpg', '新建文件夹']],
  ['gb18030', 'defects', ['划痕', '裂纹', '正常', '凹坑']],
  ['gb18030', 'garbage sorting', ['可回收物', '有害垃圾', '厨余垃圾', '其他垃圾']],
  ['gb18030', 'traditional characters', ['蘋果', '香蕉', '貓頭鷹']],
  ['gb18030', 'people', ['张伟', '王芳', '李娜', '刘洋']],
  ['shift_jis', 'katakana fruit', ['リンゴ/1.jpg', 'バナナ/1.jpg']],
  ['shift_jis', 'hiragana', ['いぬ', 'ねこ']],
  ['shift_jis', 'kanji only', ['林檎', '葡萄', '桃']],
  ['shift_jis', 'trail bytes that are backslashes', ['ソース', '能力', '表示']],
  ['shift_jis', 'sentences', ['新しいフォルダー', '犬の写真', '猫の写真']],
  ['shift_jis', 'half-width kana among others', ['ﾘﾝｺﾞ', '写真', '犬の写真']],
  ['euc-kr', 'fruit', ['사과/1.jpg', '바나나/1.jpg', '딸기/1.jpg']],
  ['euc-kr', 'one syllable', ['배/1.jpg', '감/1.jpg', '귤/1.jpg']],
  ['euc-kr', 'animals', ['고양이', '강아지']],
  ['euc-kr', 'folders', ['새 폴더', '학습', '검증']],
  ['cp437', 'German', ['Äpfel/1.jpg', 'Birnen/1.jpg', 'Grüne Bohnen/1.jpg']],
  ['cp437', 'French', ['pêche', 'café', 'légumes']],
  ['cp437', 'Spanish', ['piñas', 'limón', 'plátano']],
  ['cp437', 'a single accent', ['Zürich', 'Bern']],
  ['utf-8', 'Chinese without the flag', ['苹果', '香蕉']],
  ['utf-8', 'one character', ['猫', '狗']],
  ['utf-8', 'Korean', ['사과', '바나나']],
  ['utf-8', 'Japanese', ['りんご', 'バナナ']],
  ['utf-8', 'French', ['café', 'thé']],
  ['utf-8', 'Russian', ['яблоко', 'груша']],
  ['utf-8', 'macOS, decomposed', ['e\u0301te\u0301', 'a\u0300']],
  ['utf-8', 'emoji', ['🍎', '🍌']],
  ['utf-8', 'ASCII', ['apple', 'pear']],
];

describe('guessEncoding', () => {
  it.each(archives)('%s: %s', (encoding, _, names) => {
    expect(guessEncoding(raw(names, encoding))).toBe(encoding);
  });

  it('is not swayed by one torn name', () => {
    const names = raw(['苹果', '香蕉', '猕猴桃', '柠檬', '葡萄'], 'gb18030');
    expect(guessEncoding([...names, '\xc6'])).toBe('gb18030');
  });

  it('counts a folder once, however many files stand in it', () => {
    const [folder = ''] = raw(['ﾘﾝｺﾞ'], 'shift_jis');
    const many = Array.from({ length: 50 }, (_, i) => `${folder}/${i}.jpg`);
    const others = raw(['写真', '新しいフォルダー', '犬', '猫'], 'shift_jis');
    expect(guessEncoding([...many, ...others])).toBe('shift_jis');
  });

  // Any two names of one language, as in the smallest dataset: nearly all have to be right.
  const words: [NameEncoding, string][] = [
    [
      'gb18030',
      '苹果 香蕉 葡萄 西瓜 草莓 樱桃 菠萝 芒果 荔枝 龙眼 柚子 石榴 山竹 榴莲 白菜 萝卜 番茄 土豆 茄子 黄瓜 ' +
        '南瓜 豆角 菠菜 芹菜 玫瑰 郁金香 向日葵 蒲公英 雏菊 老虎 狮子 大象 长颈鹿 斑马 熊猫 孔雀 企鹅 蝴蝶 ' +
        '蜻蜓 汽车 卡车 公交车 自行车 飞机 轮船 摩托车 杯子 椅子 手机 键盘 雨伞 眼镜 铅笔 塑料瓶 易拉罐 ' +
        '皮卡丘 小火龙 妙蛙种子 杰尼龟 晴天 多云 下雨 高兴 悲伤 愤怒 惊讶',
    ],
    [
      'shift_jis',
      'りんご ミカン 葡萄 苺 桃 梨 柿 犬 猫 鳥 馬 牛 豚 象 ライオン トラ キリン 車 電車 飛行機 船 自転車 ' +
        '桜 薔薇 向日葵 朝顔 椅子 机 時計 眼鏡 傘 鉛筆 寿司 ラーメン カレー 天ぷら 良品 不良品 傷 汚れ',
    ],
    [
      'euc-kr',
      '사과 배 포도 수박 딸기 복숭아 참외 귤 바나나 감자 고구마 당근 양파 마늘 배추 고양이 강아지 토끼 호랑이 ' +
        '사자 코끼리 기린 원숭이 자동차 버스 트럭 비행기 배 자전거 기차 장미 튤립 해바라기 민들레 의자 책상 ' +
        '시계 안경 우산 연필 김치 불고기 비빔밥 떡볶이 라면 정상 불량 웃음 슬픔 화남',
    ],
    [
      'cp437',
      'Äpfel Öl Übung Käse Brötchen Gemüse Möhren Kürbis Löwe Bär Vögel Flügel Hühner Schlüssel Straße pêche ' +
        'mûre pâté crème brûlée forêt éléphant zèbre chèvre château hôtel limón plátano piña melón árbol',
    ],
  ];
  it.each(words)('%s: random pairs', (encoding, list) => {
    const names = list.split(' ');
    const random = createRandom(7);
    let right = 0;
    const trials = 400;
    const wrong: string[] = [];
    for (let i = 0; i < trials; i++) {
      const pair = random.shuffle(names).slice(0, 2);
      const guess = guessEncoding(raw(pair, encoding));
      if (guess === encoding) right += 1;
      else wrong.push(`${pair.join(' ')} → ${guess}`);
    }
    expect(right / trials, wrong.join(', ')).toBeGreaterThanOrEqual(0.99);
  });
});
