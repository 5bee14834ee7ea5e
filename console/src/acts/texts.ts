import { pairs } from "../language/pair.ts";

export const actTexts = pairs({
  "acts.title": ["What you can do", "您可以进行的操作"],
  "acts.wait": ["Waiting for the chain …", "等待上链……"],
  "acts.sign.Assigner": ["Sign as assigner", "以授权方身份签署"],
  "acts.sign.Assignee": ["Sign as assignee", "以被授权方身份签署"],
  "acts.sign.Regulator": ["Approve by signature", "签名批准"],
  "acts.signed": ["You have signed this in your capacity as {capacity}.", "您已以{capacity}身份签署。"],
  "acts.refuse": ["Refuse", "拒绝"],
  "acts.suspend": ["Suspend", "暂停"],
  "acts.reinstate": ["Reinstate", "恢复"],
  "acts.terminate": ["Terminate", "终止"],
  "acts.retire": ["Retire", "退役"],
  "acts.acknowledge": ["Acknowledge the breach", "确认违约"],
  "acts.query": ["Query under this agreement", "在该合约下查询"],
  "acts.refuse.lead": [
    "The offer ends for good. The reason stands on chain for everybody.",
    "该提议将永久终止，原因将公开上链。",
  ],
  "acts.suspend.lead": [
    "Nothing leaves under it from the next block on. You can reinstate it. The reason stands on chain for everybody.",
    "自下一区块起立即停止使用，之后可由您恢复。原因将公开上链。",
  ],
  "acts.terminate.lead": [
    "It ends for good. The reason stands on chain for everybody.",
    "将永久终止，原因将公开上链。",
  ],
  "acts.participant.lead": [
    "A suspended participant signs nothing, queries nothing, and stops every agreement that it is a party to; a suspended gateway answers nothing.",
    "被暂停的参与方不能签署或查询，其作为当事方的合约全部停止；被暂停的网关不再处理任何请求。",
  ],
  "acts.problem.notGoverning": [
    "This account does not govern on chain, and may not suspend participants.",
    "该账户没有链上治理权限，不能暂停参与方。",
  ],
  "acts.reason": ["Reason", "原因"],
  "acts.reason.help": [
    "At most 256 bytes, and nothing personal: it is public.",
    "最多 256 字节，公开可见，请勿包含个人信息。",
  ],
  "acts.cancel": ["Cancel", "取消"],
  "acts.done": ["Done: it stands on chain.", "已完成并上链。"],
  "acts.connect": ["Connect the wallet of {name} to act.", "请连接 {name} 的钱包后操作。"],
  "acts.connect.button": ["Connect", "连接"],
  "acts.none": [
    "Sign in as a party or a regulator to sign, suspend or end this agreement.",
    "以当事方或监管方身份登录后，可签署、暂停或终止该合约。",
  ],
  "acts.nothing": ["There is nothing for you to do here now.", "当前没有需要您处理的事项。"],
  "acts.delegate": [
    "You are signed in with a delegate's key. It may query and read; signing and stopping need the participant's own key.",
    "您使用的是受托密钥，可查询和查看；签署与暂停须使用参与方自身密钥。",
  ],
  "acts.problem.rejected": ["You declined in the wallet. Nothing was sent.", "您在钱包中拒绝了操作，未发送任何内容。"],
  "acts.problem.wrongChain": [
    "The wallet is on another chain. Switch it, then try again.",
    "钱包所在的链不正确，请切换后重试。",
  ],
  "acts.problem.refused": ["The contract refuses this: {error}", "合约拒绝：{error}"],
  "acts.problem.notMined": [
    "The transaction was not mined, or did nothing. Look at the history below before you try again.",
    "交易未上链或未生效。重试前请查看下方记录。",
  ],
  "acts.problem.other": ["It failed: {message}", "操作失败：{message}"],
  "acts.problem.foreignSignature": [
    "The wallet signed something else than what is shown here, or with another key. The signature was thrown away.",
    "钱包签署的内容与此处显示不一致，或使用了其他密钥。该签名已丢弃。",
  ],
  "integrity.title": ["What is signed is what is shown", "所见即所签"],
  "integrity.terms": ["The terms shown here hash to the id of this agreement", "此处条款的摘要等于合约编号"],
  "integrity.policy": ["The policy text is the one that the terms name", "使用约定与条款所指一致"],
  "integrity.fields": [
    "The field names and levels are those of the description that the terms name",
    "字段名称与级别同条款所指的数据集描述一致",
  ],
  "integrity.parties": [
    "Registration numbers and the dataset's name are those that the terms name",
    "登记号与数据集名称同条款所指一致",
  ],
  "integrity.chain": ["The chain, asked through the wallet, holds the same terms", "通过钱包查询，链上条款一致"],
  "integrity.names": [
    "The chain, asked through the wallet, calls the participants by these names",
    "通过钱包查询，链上参与方名称一致",
  ],
  "integrity.digest": ["The digest to be signed is the one that the contract expects", "待签摘要与合约期望一致"],
  "integrity.noWallet": ["Connect a wallet to compare with the chain itself.", "连接钱包后可直接与链上比对。"],
  "integrity.pending": ["comparing …", "比对中……"],
  "integrity.broken": [
    "What is shown is not what would be signed. Sign nothing here, and tell the gateway's operator.",
    "显示内容与将要签署的内容不一致。请勿签署，并通知网关运维人员。",
  ],
});
