import { Alert, Anchor, Button, Card, Center, Code, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api.ts';
import { setCsrfToken } from '../http.ts';

/** Either the key that the hub printed at its first start, or a person's e-mail and password. */
export function SignIn() {
  const [byKey, setByKey] = useState(true);
  const [key, setKey] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const client = useQueryClient();
  const signIn = useMutation({
    mutationFn: () =>
      call('POST /v1/session', { body: byKey ? { key: key.trim() } : { email: email.trim(), password } }),
    onSuccess: (me) => {
      setCsrfToken(me.csrfToken ?? '');
      client.setQueryData(['me'], me);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <Center mih="100vh" p="md" component="main">
      <Card w={420} p="xl" shadow="sm">
        <form onSubmit={submit}>
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
            {byKey ? (
              <PasswordInput
                label="Access key"
                description={
                  <>
                    Printed by <Code>npm start</Code>, and kept in the data folder.
                  </>
                }
                value={key}
                onChange={(event) => setKey(event.currentTarget.value)}
                autoFocus
                required
              />
            ) : (
              <>
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
              </>
            )}
            {signIn.isError && (
              <Alert color="red" role="alert">
                {signIn.error.message}
              </Alert>
            )}
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
            <Anchor component="button" type="button" size="sm" onClick={() => setByKey(!byKey)}>
              {byKey ? 'Sign in with e-mail and password' : 'Sign in with an access key'}
            </Anchor>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
