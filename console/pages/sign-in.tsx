import { Alert, Anchor, Button, Card, Center, Code, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import type { SignInBody } from '../../src/api/contract.ts';
import { call } from '../api.ts';
import { ProblemError, setCsrfToken } from '../http.ts';

/**
 * Either the key that the hub printed at its first start, or a person's e-mail and password.
 *
 * @param ended somebody was signed in a moment ago: it stands in front of the page that they were on
 */
export function SignIn({ ended = false }: { ended?: boolean }) {
  const [byKey, setByKey] = useState(true);
  useEffect(() => {
    if (!ended) document.title = 'Sign in · Crossdock';
  }, [ended]);
  const form = (
    <Stack>
      <div>
        <img src="/icon.svg" width={40} height={40} alt="" />
        <Title order={1} mt="sm">
          Crossdock
        </Title>
        <Text c="dimmed" size="sm">
          Orders, stock, shipments and invoices in step.
        </Text>
      </div>
      {ended && (
        <Alert color="yellow" role="alert">
          Your session has ended. Sign in again, and go on where you were: what you had typed is still there.
        </Alert>
      )}
      {byKey ? <KeyForm /> : <PasswordForm />}
      <Anchor component="button" type="button" size="sm" onClick={() => setByKey(!byKey)}>
        {byKey ? 'Sign in with e-mail and password' : 'Sign in with an access key'}
      </Anchor>
    </Stack>
  );
  if (ended) return form;
  return (
    <Center mih="100vh" p="md" component="main">
      <Card w={420} maw="100%" p="xl" shadow="sm">
        {form}
      </Card>
    </Center>
  );
}

function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: SignInBody) => call('POST /v1/session', { body }),
    onSuccess: (me) => {
      setCsrfToken(me.csrfToken ?? '');
      client.setQueryData(['me'], me);
      // What was refused meanwhile is asked again.
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'me' });
    },
  });
}

type SignInMutation = ReturnType<typeof useSignIn>;

function Submit({ signIn }: { signIn: SignInMutation }) {
  const { error } = signIn;
  const refused = error instanceof ProblemError && [401, 422].includes(error.problem.status);
  return (
    <>
      {error && (
        <Alert color="red" role="alert">
          {refused ? 'That is not right. Look for spaces at the ends, and try again.' : error.message}
        </Alert>
      )}
      <Button type="submit" loading={signIn.isPending}>
        Sign in
      </Button>
    </>
  );
}

function KeyForm() {
  const [key, setKey] = useState('');
  const signIn = useSignIn();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ key: key.trim() });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <PasswordInput
          label="Access key"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          autoComplete="current-password"
          autoFocus
          required
        />
        <Text size="sm" c="dimmed">
          The first one lies in the file <Code>admin.key</Code> of the hub's data folder; <Code>npm start</Code> prints
          where that is (<Code>data/admin.key</Code> unless CROSSDOCK_DATA says otherwise). It may also have been preset
          by CROSSDOCK_ADMIN_KEY.
        </Text>
        <Submit signIn={signIn} />
      </Stack>
    </form>
  );
}

function PasswordForm() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useSignIn();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email: email.trim(), password });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          autoFocus
          required
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          required
        />
        <Submit signIn={signIn} />
      </Stack>
    </form>
  );
}
