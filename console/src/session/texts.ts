import { pairs } from "../language/pair.ts";

export const sessionTexts = pairs({
  "session.signIn": ["Sign in", "登录"],
  "session.signOut": ["Sign out", "退出"],
  "session.account": ["Account", "账户"],
  "session.choose": ["Choose a wallet", "选择钱包"],
  "session.lead": [
    "You sign in by signing a message with the key under which you were admitted. It costs nothing.",
    "使用准入时登记的密钥签署一条消息即可登录，不产生费用。",
  ],
  "session.wallets": ["Wallets of this browser", "本浏览器的钱包"],
  "session.noWallet": ["No wallet was found in this browser.", "本浏览器中未发现钱包。"],
  "session.noWallet.advice": [
    "Install a wallet extension that announces itself (EIP-6963), import your key, and reload this page. Without one, everything public can still be read.",
    "请安装支持 EIP-6963 的钱包扩展，导入您的密钥后刷新页面。没有钱包也可查看全部公开内容。",
  ],
  "session.demo": ["Demo identities of this machine", "本机演示身份"],
  "session.demo.lead": [
    "Their keys lie on this machine and belong to nobody. They exist only on the embedded chain.",
    "其密钥存放在本机，不属于任何人，仅存在于内置链上。",
  ],
  "session.demo.locked": [
    "To act as one of the demo's identities, open the console at the address that “npm start” printed, with all that stands after #.",
    "如需使用演示身份，请从“npm start”打印的完整地址（含 # 之后部分）打开控制台。",
  ],
  "session.wrongChain": ["The wallet is on another chain ({found}).", "钱包所在的链（{found}）不正确。"],
  "session.wrongChain.advice": [
    "This space is on chain {chainId}. Switch the wallet to it.",
    "本空间位于链 {chainId}，请切换钱包网络。",
  ],
  "session.switch": ["Switch the wallet", "切换钱包网络"],
  "session.message": ["What the wallet is asked to sign", "请求钱包签署的消息"],
  "session.sign": ["Sign and sign in", "签名并登录"],
  "session.back": ["Choose another wallet", "换一个钱包"],
  "session.rejected": ["You declined in the wallet. Nothing was signed.", "您在钱包中拒绝了操作，未签署任何内容。"],
  "session.unknownKey": [
    "This key acts for no active participant. Let a regulator admit it, or choose the account that was admitted.",
    "该密钥不代表任何有效参与方。请联系监管方准入，或选择已准入的账户。",
  ],
  "session.foreign": [
    "The gateway asks to sign in at {origin}, which is not this page. Nothing was signed. Open the console at that address.",
    "网关要求在 {origin} 登录，与本页面不符，未签署任何内容。请从该地址打开控制台。",
  ],
  "session.failed": ["Signing in failed: {message}", "登录失败：{message}"],
  "session.needed": ["Sign in to see this", "请登录后查看"],
  "session.needed.advice": [
    "This page shows what concerns you as a participant. Reading it is itself recorded.",
    "本页面显示与您作为参与方相关的内容。查看行为本身也会被记录。",
  ],
  "session.roleNeeded": ["This page is for another role: {roles}", "此页面面向其他角色：{roles}"],
  "session.roleNeeded.advice": [
    "You are signed in as {name}. To use this page, sign out, then sign in as a participant in that role.",
    "您当前以“{name}”的身份登录。如需使用此页面，请退出后以该角色的参与方登录。",
  ],
});
