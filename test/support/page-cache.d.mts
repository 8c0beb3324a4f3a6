export declare function canCount(folder: string): boolean
export declare function cached(path: string): number
