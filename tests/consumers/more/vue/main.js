// The client lives in reactive state, and so do the iterator and what it gives.
import { ComfyControl } from "comfycontrol-runners";
import { createApp, h, onMounted, reactive, ref } from "vue";

const App = {
  setup() {
    const client = ref(new ComfyControl({ baseUrl: "/api" }));
    const state = reactive({ client: client.value, iterator: undefined, runners: [] });
    onMounted(async () => {
      const { total } = await client.value.listManagedRunners({ perPage: 1 });
      state.iterator = state.client.iterateManagedRunners({ perPage: 10 });
      for await (const runner of state.iterator) {
        state.runners.push(runner);
        if (state.runners.length === 10) break;
      }
      if (total !== 250 || state.client.rateLimit.limit !== 40) console.error(`${total} runners`);
    });
    return () =>
      h(
        "ul",
        state.runners.map(({ id, name }) => h("li", { key: id }, name)),
      );
  },
};
createApp(App).mount("div");
