using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.Lexical.Indexing;

/// <summary>Puts a directory around the one on disk: the seam where tests inject errors, torn writes and a full disk.</summary>
internal delegate Directory DirectoryWrapper(Directory storage);
