import type { Interface } from "ethers";
import { Authority__factory } from "../../typechain-types/factories/contracts/Authority__factory.ts";
import { IAccessLog__factory } from "../../typechain-types/factories/contracts/interfaces/IAccessLog__factory.ts";
import { IAgreementRegistry__factory } from "../../typechain-types/factories/contracts/interfaces/IAgreementRegistry__factory.ts";
import { IDatasetRegistry__factory } from "../../typechain-types/factories/contracts/interfaces/IDatasetRegistry__factory.ts";
import { IParticipantRegistry__factory } from "../../typechain-types/factories/contracts/interfaces/IParticipantRegistry__factory.ts";
import { IUsagePolicy__factory } from "../../typechain-types/factories/contracts/interfaces/IUsagePolicy__factory.ts";

/** How to talk to our contracts: functions, events and errors as their interfaces declare them. */
export const interfaces = {
  AccessLog: IAccessLog__factory.createInterface() as Interface,
  AgreementRegistry: IAgreementRegistry__factory.createInterface() as Interface,
  Authority: Authority__factory.createInterface() as Interface,
  DatasetRegistry: IDatasetRegistry__factory.createInterface() as Interface,
  ParticipantRegistry: IParticipantRegistry__factory.createInterface() as Interface,
  UsagePolicy: IUsagePolicy__factory.createInterface() as Interface,
};
