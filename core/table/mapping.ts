/** A DynamoDB item in plain JavaScript values, as the document client reads and writes it. */
export type Item = Record<string, unknown>;

/** How one field of a record is stored: in one attribute or several. */
export interface Field<Value> {
  /**
   * @param name the field's name
   * @param record the whole record, since what another field says may decide on the attribute
   * @returns all attributes of the field; one that the value does not need is undefined
   */
  write(value: Value, name: string, record: object): Item;
  read(item: Item, name: string): Value;
}

/** A record's item, in both directions. */
export interface Mapping<Rec> {
  toItem(record: Rec): Item;
  /** Some fields of a record as the attributes to change: one that is not there any more is undefined. */
  toChanges(record: Rec, fields: readonly (keyof Rec)[]): Item;
  fromItem(item: Item): Rec;
}

/** Stored in the attribute of the same name. Its type is trusted: only this service writes to the table. */
export const attribute = <Value>(): Field<Value> => ({
  write: (value, name) => ({ [name]: value }),
  read: (item, name) => item[name] as Value,
});

/** Stored in the sort key. */
export const sortKey = <Value>(): Field<Value> => ({
  write: (value) => ({ sk: value }),
  read: (item) => item.sk as Value,
});

/**
 * Maps a record to its item and back. Each field of the record must be named, optional ones too, so an attribute that is only read,
 * or only written, does not compile.
 */
export function mapping<Rec extends object>(fields: { [Name in keyof Rec]-?: Field<Rec[Name]> }): Mapping<Rec> {
  const entries = Object.entries(fields) as [keyof Rec & string, Field<unknown>][];
  return {
    toItem: (record) => {
      const item: Item = {};
      for (const [name, field] of entries) {
        if (record[name] === undefined) continue;
        const attributes = field.write(record[name], name, record);
        for (const attribute in attributes)
          if (attributes[attribute] !== undefined) item[attribute] = attributes[attribute];
      }
      return item;
    },
    toChanges: (record, names) =>
      Object.assign({}, ...names.map((name) => fields[name].write(record[name], String(name), record))),
    fromItem: (item) => {
      const record: Item = {};
      for (const [name, field] of entries) {
        const value = field.read(item, name);
        if (value !== undefined) record[name] = value;
      }
      return record as Rec;
    },
  };
}
