import { watchAnswers } from "./conforming.ts";
import { removeFolders } from "./folder.ts";

watchAnswers();
removeFolders();
