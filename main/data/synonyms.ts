// What columns of clinical and bank files are commonly called, in English and Chinese: only ever a suggestion to a person.
import type { Substance } from './units.ts';

type Concept = { names: readonly string[]; substance?: Substance };

const concept = (...names: string[]): Concept => ({ names });
const measured = (substance: Substance, ...names: string[]): Concept => ({ names, substance });

/** A name belongs to one concept at most; a test holds the table to it. */
export const CONCEPTS: readonly Concept[] = [
  concept('age', 'age years', 'patient age', 'age at diagnosis', '年龄', '周岁'),
  concept('sex', 'gender', '性别'),
  concept('weight', 'body weight', 'wt', '体重'),
  concept('height', 'body height', 'ht', 'stature', '身高'),
  concept('bmi', 'body mass index', '体重指数', '体质指数'),
  concept('temperature', 'body temperature', 'temp', '体温'),
  concept('systolic', 'systolic blood pressure', 'sbp', 'sys bp', 'trestbps', 'resting blood pressure', '收缩压'),
  concept('diastolic', 'diastolic blood pressure', 'dbp', 'dia bp', '舒张压'),
  concept('heart rate', 'hr', 'pulse', 'pulse rate', '心率', '脉搏'),
  concept('thalch', 'thalach', 'max heart rate', 'maximum heart rate', '最大心率'),
  concept('smoking', 'smoker', 'smoking status', '吸烟', '吸烟史'),
  concept('diabetes', 'diabetic', 'diabetes mellitus', '糖尿病'),
  concept('hypertension', 'high blood pressure', '高血压'),
  concept('pregnant', 'pregnancy', '妊娠', '怀孕'),
  concept('diagnosis', 'dx', 'outcome', '诊断'),
  measured('glucose', 'glucose', 'blood glucose', 'glu', 'blood sugar', 'fasting glucose', '血糖', '葡萄糖'),
  measured('cholesterol', 'chol', 'cholesterol', 'total cholesterol', 'serum cholesterol', '胆固醇', '总胆固醇'),
  measured('cholesterol', 'ldl', 'ldl cholesterol', '低密度脂蛋白'),
  measured('cholesterol', 'hdl', 'hdl cholesterol', '高密度脂蛋白'),
  measured('triglycerides', 'triglycerides', 'tg', 'trig', '甘油三酯'),
  measured('creatinine', 'creatinine', 'serum creatinine', 'crea', 'scr', '肌酐', '血肌酐'),
  measured('urea', 'urea', 'serum urea', '尿素'),
  measured('uric-acid', 'uric acid', 'urate', '尿酸'),
  measured('bilirubin', 'bilirubin', 'total bilirubin', 'bili', '胆红素', '总胆红素'),
  measured('calcium', 'calcium', 'serum calcium', '血钙'),
  concept('tsh', 'thyrotropin', 'thyroid stimulating hormone', '促甲状腺激素'),
  measured('triiodothyronine', 't3', 'triiodothyronine', 'total t3', '三碘甲状腺原氨酸'),
  measured('thyroxine', 'tt4', 't4', 'thyroxine', 'total t4', 'total thyroxine', '甲状腺素'),
  concept('thyroxine medication', 'on thyroxine', 'levothyroxine', '服用甲状腺素'),
  concept('hemoglobin', 'haemoglobin', 'hb', 'hgb', '血红蛋白'),
  concept('platelets', 'platelet count', 'plt', '血小板'),
  concept('leukocytes', 'white blood cells', 'wbc', '白细胞'),
  concept('income', 'monthly income', 'annual income', '收入', '月收入'),
  concept('amount', 'credit amount', 'loan amount', '贷款金额', '金额'),
  concept('duration', 'loan duration', 'duration in month', 'duration months', 'term', '贷款期限', '期限'),
  concept('purpose', 'loan purpose', '贷款用途', '用途'),
  concept('housing', 'home ownership', '住房'),
  concept('job', 'occupation', 'profession', '职业'),
  concept('savings', 'savings account', 'savings account and bonds', '储蓄', '存款'),
  concept('default', 'defaulted', 'bad loan', 'creditability', '违约'),
];

/** Names without case, and without what people put between words. */
export const plainName = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_.\-/]+/gu, ' ')
    .trim();

const BY_NAME = new Map(CONCEPTS.flatMap((each) => each.names.map((name) => [plainName(name), each] as const)));

export const conceptOf = (name: string): Concept | undefined => BY_NAME.get(plainName(name));
