import { Modal, type ModalProps } from '@mantine/core';
import { useEffect, useRef } from 'react';

/**
 * A dialog that is there while it is shown. Where the keyboard was before is where it is again afterwards; where that is
 * gone (an entry of a menu), it is at the page's beginning.
 */
export function Dialog(props: Omit<ModalProps, 'opened'>) {
  const before = useRef(document.activeElement);
  useEffect(
    () => () => {
      // After the dialog is out of the page, unless the keyboard has been led elsewhere.
      window.setTimeout(() => {
        const { activeElement } = document;
        if (activeElement !== null && activeElement !== document.body) return;
        const opener = before.current;
        const back = opener instanceof HTMLElement && opener.isConnected ? opener : document.getElementById('content');
        back?.focus({ preventScroll: true });
      }, 20);
    },
    [],
  );
  return <Modal opened closeButtonProps={{ 'aria-label': 'Close' }} {...props} />;
}
