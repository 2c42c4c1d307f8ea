// restate.mjs - a service for Restate: a run that does nothing, and a loop of durable steps. Argument: its port.
import * as restate from '@restatedev/restate-sdk';

// The SDK wants a Node younger than Debian's.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};

const work = restate.service({
  name: 'work',
  handlers: {
    trivial: async (ctx, input) => input,
    loop: async (ctx, n) => {
      let i = 0;
      while (i < n) i = await ctx.run('step', () => i + 1);
      return i;
    },
  },
});
restate.serve({ services: [work], port: Number(process.argv[2]) });
