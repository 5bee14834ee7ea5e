import { pairs } from "../language/pair.ts";

export const importTexts = pairs({
  "import.title": ["Import a dataset", "导入数据集"],
  "import.lead": [
    "Choose CSV files, a table each. Their beginning is read in this browser and nothing of it leaves it: the page proposes how to govern each field, you correct it, and it writes the command that loads the files inside the hospital and registers the dataset under your signature.",
    "选择 CSV 文件，每个文件一张表。仅在本浏览器中读取文件开头，内容不会上传：页面为每个字段建议级别，由您修改，并生成在医院内部导入文件、以您的签名登记数据集的命令。",
  ],
  "import.files": ["Files", "文件"],
  "import.choose": ["Choose CSV files", "选择 CSV 文件"],
  "import.encoding": ["Encoding", "编码"],
  "import.unreadable": [
    "{file} cannot be read in this encoding, or is not CSV with a header and rows. Choose another encoding.",
    "{file} 无法按该编码读取，或不是含表头和数据行的 CSV。请选择其他编码。",
  ],
  "import.read": ["{file}: {rows} {rows|row|rows} looked at, table {table}", "{file}：已读取 {rows} 行，表 {table}"],
  "import.begin": ["(the beginning)", "（文件开头）"],
  "import.key": ["Column that tells the patients of {table} apart", "{table} 中区分患者的列"],
  "import.fields": ["Fields of {table}", "{table} 的字段"],
  "import.distinct": ["Different values", "不同取值"],
  "import.levelOf": ["Level of {field}", "{field} 的级别"],
  "import.drop": ["Leave out", "不导入"],
  "import.keyLow": [
    "The column that tells patients apart must be a linking number or a direct identifier.",
    "区分患者的列必须为关联编号或直接标识。",
  ],
  "import.rules": ["Name, and what you permit at most", "名称与使用上限"],
  "import.command": ["Command to run inside the hospital", "在医院内部运行的命令"],
  "import.command.lead": [
    "Run it where the files are and where the hospital's key and database are in reach. It reads the files to their end, shows every field again, and asks before it loads and registers anything.",
    "请在文件所在、且可使用医院密钥和数据库的机器上运行。命令会完整读取文件，再次列出全部字段，经确认后才导入和登记。",
  ],
  "import.copy": ["Copy the command", "复制命令"],
  "import.titleOf": ["Title, for people", "标题"],
  "import.name.help": [
    "Short and without spaces, such as visits. It stands on chain for everybody.",
    "简短且不含空格，例如 visits。将公开上链。",
  ],
});
