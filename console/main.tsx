import './mantine-styles.ts';
import './console.css';
import { MantineProvider } from '@mantine/core';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ProblemError } from './http.ts';
import { SignIn } from './pages/sign-in.tsx';
import { Dialog } from './parts/dialog.tsx';
import { Starting } from './parts/states.tsx';
import { router } from './router.tsx';
import { lastMe, MeProvider, useSession } from './session.tsx';
import { contrastVariables, theme } from './theme.ts';

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      // The session has ended: back to signing in, and then to the same address.
      if (error instanceof ProblemError && error.problem.status === 401) client.setQueryData(['me'], null);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      // A definite answer (403, 404, 422) does not change by asking again.
      retry: (count, error) =>
        !(error instanceof ProblemError && error.problem.status >= 400 && error.problem.status < 500) && count < 3,
    },
  },
});

function Console() {
  const session = useSession();
  if (session.data === undefined) return <Starting failing={session.isError || session.failureCount > 0} />;
  // A session that has ended by itself leaves the page as it is, with what was typed, behind the form.
  const me = session.data ?? lastMe();
  if (me === undefined) return <SignIn />;
  return (
    <MeProvider me={me} key={me.actor}>
      <RouterProvider router={router} />
      {session.data === null && (
        <Dialog
          onClose={() => {}}
          withCloseButton={false}
          closeOnClickOutside={false}
          closeOnEscape={false}
          zIndex={1_000}
          attributes={{ content: { 'aria-label': 'Sign in again' } }}
        >
          <SignIn ended />
        </Dialog>
      )}
    </MeProvider>
  );
}

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={contrastVariables} defaultColorScheme="auto">
        <QueryClientProvider client={client}>
          <Console />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
