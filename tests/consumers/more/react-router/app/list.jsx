export function List({ runners }) {
  return (
    <ul>
      {runners.map(({ id, name }) => (
        <li key={id}>{name}</li>
      ))}
    </ul>
  );
}
