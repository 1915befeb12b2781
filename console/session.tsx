import { useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import type { Me } from '../src/api/contract.ts';
import { call } from './api.ts';
import { ProblemError, setCsrfToken } from './http.ts';

const MeContext = createContext<Me | undefined>(undefined);

export function MeProvider({ me, children }: { me: Me; children: ReactNode }) {
  last = me;
  return <MeContext.Provider value={me}>{children}</MeContext.Provider>;
}

/** Who is signed in; only used inside the signed-in part of the console. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('useMe outside of a session');
  return me;
}

let last: Me | undefined;

/** Who was signed in when the session ended; nobody after signing out. */
export const lastMe = (): Me | undefined => last;

/** After signing out nothing of the page stays. */
export function forgetMe(): void {
  last = undefined;
}

/** Buttons for what this identity may not do are not shown at all. `action` is one of the hub's action names. */
export function useMay(action: string): boolean {
  return useMe().actions.includes(action);
}

/** `null` means signed out, `undefined` still asking. */
export function useSession() {
  return useQuery<Me | null>({
    queryKey: ['me'],
    queryFn: async () => {
      try {
        const me = await call('GET /v1/me');
        setCsrfToken(me.csrfToken ?? '');
        return me;
      } catch (error) {
        if (error instanceof ProblemError && error.problem.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
    retry: true,
    retryDelay: 2000,
  });
}
