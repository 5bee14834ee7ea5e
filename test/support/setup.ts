import { watchAnswers } from "./conforming.ts";

watchAnswers();
