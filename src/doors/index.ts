/** How bytes come in other than by HTTP. */
export {
  createFolderDoor,
  type FolderDoor,
  type FolderDoorOptions,
  type FolderFile,
  type RefusedFile,
  type WatchedFolder,
} from './folder.ts';
