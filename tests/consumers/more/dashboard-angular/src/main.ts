import { Component, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { QueryClient, provideTanStackQuery } from "@tanstack/angular-query-experimental";
import { Endless, Newest, Watched } from "./guide/runners";

@Component({
  selector: "app-root",
  imports: [Endless, Newest, Watched],
  template: `
    @if (isOpen()) {
      <section id="one"><app-newest /></section>
      <section id="other"><app-newest /></section>
      <section id="endless"><app-endless /></section>
      <section id="watched"><app-watched /></section>
      <section id="watched-too"><app-watched /></section>
      <button id="leave" (click)="isOpen.set(false)">leave</button>
    } @else {
      <p id="gone">gone</p>
    }
  `,
})
class App {
  readonly isOpen = signal(true);
}

bootstrapApplication(App, { providers: [provideTanStackQuery(new QueryClient())] }).catch((error: unknown) =>
  console.error(error),
);
