export default class Guard {
  hooks = {};
}
