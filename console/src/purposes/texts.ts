import { pairs } from "../language/pair.ts";

export const purposeTexts = pairs({
  "purposes.unknown": [
    "The console knows no definition of this code. Ask who proposed it for its source.",
    "控制台没有此代码的定义。请向提出方了解其出处。",
  ],
  "purposes.source": ["Source: {title}, {license}", "来源：{title}，{license}"],
});
