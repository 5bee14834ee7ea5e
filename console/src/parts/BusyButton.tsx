import { LoadingOutlined } from "@ant-design/icons";
import { Button, type ButtonProps } from "antd";

type Props = Omit<ButtonProps, "loading"> & { readonly isBusy: boolean };

/**
 * A button that shows and says that its work goes on, keeps the focus meanwhile and does nothing more. Its sign comes and goes at once: one that
 * moves away may stay for ever in a page that is not drawn, or whose reader wants no motion.
 */
export function BusyButton({ isBusy, icon, onClick, ...props }: Props) {
  return (
    <Button
      {...props}
      aria-busy={isBusy}
      icon={isBusy ? <LoadingOutlined aria-hidden /> : icon}
      onClick={(event) => (isBusy ? event.preventDefault() : onClick?.(event))}
    />
  );
}
