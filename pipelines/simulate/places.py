"""The province's agencies as in 2020-2021 (``domain.md`` §3).

Department and district names and the number of communes are real; which 18 departments were ranked is
an assumption, codes are illustrative, and communes are numbered names of our own making.
"""

from __future__ import annotations

# name, English name, mail domain
DEPARTMENTS = (
    ("Sở Nội vụ", "Department of Home Affairs", "sonoivu"),
    ("Sở Tư pháp", "Department of Justice", "sotuphap"),
    ("Sở Kế hoạch và Đầu tư", "Department of Planning and Investment", "sokhdt"),
    ("Sở Tài chính", "Department of Finance", "sotaichinh"),
    ("Sở Công Thương", "Department of Industry and Trade", "socongthuong"),
    ("Sở Nông nghiệp và Phát triển nông thôn", "Department of Agriculture", "sonnptnt"),
    ("Sở Giáo dục và Đào tạo", "Department of Education and Training", "sgddt"),
    ("Sở Giao thông vận tải", "Department of Transport", "sogtvt"),
    ("Sở Xây dựng", "Department of Construction", "soxaydung"),
    ("Sở Tài nguyên và Môi trường", "Department of Natural Resources", "sotnmt"),
    ("Sở Thông tin và Truyền thông", "Department of Information and Communications", "sotttt"),
    ("Sở Lao động - Thương binh và Xã hội", "Department of Labour", "soldtbxh"),
    ("Sở Văn hóa, Thể thao và Du lịch", "Department of Culture", "sovhttdl"),
    ("Sở Khoa học và Công nghệ", "Department of Science and Technology", "sokhcn"),
    ("Sở Y tế", "Department of Health", "soyte"),
    ("Thanh tra tỉnh", "Provincial Inspectorate", "thanhtra"),
    ("Sở Ngoại vụ", "Department of Foreign Affairs", "songoaivu"),
    ("Ban Dân tộc", "Ethnic Affairs Board", "bandantoc"),
)
EDUCATION = 7  # number of the department of education above, from 1

# name, number of communes, of them wards and towns
DISTRICTS = (
    ("thành phố Buôn Ma Thuột", "Buon Ma Thuot city", 21, 13, "bmt"),
    ("thị xã Buôn Hồ", "Buon Ho town", 12, 7, "buonho"),
    ("huyện Ea H'leo", "Ea H'leo district", 12, 1, "eahleo"),
    ("huyện Ea Súp", "Ea Sup district", 10, 1, "easup"),
    ("huyện Buôn Đôn", "Buon Don district", 7, 0, "buondon"),
    ("huyện Cư M'gar", "Cu M'gar district", 17, 1, "cumgar"),
    ("huyện Krông Búk", "Krong Buk district", 7, 1, "krongbuk"),
    ("huyện Krông Năng", "Krong Nang district", 12, 1, "krongnang"),
    ("huyện Ea Kar", "Ea Kar district", 16, 1, "eakar"),
    ("huyện M'Đrắk", "M'Drak district", 13, 1, "mdrak"),
    ("huyện Krông Bông", "Krong Bong district", 14, 1, "krongbong"),
    ("huyện Krông Pắc", "Krong Pac district", 16, 1, "krongpac"),
    ("huyện Krông Ana", "Krong Ana district", 8, 1, "krongana"),
    ("huyện Lắk", "Lak district", 11, 1, "lak"),
    ("huyện Cư Kuin", "Cu Kuin district", 8, 1, "cukuin"),
)
FIRST_DISTRICT = 31  # codes of districts start here

FAMILY_NAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Hồ", "Ngô", "Dương", "Đỗ", "Mai", "Phan")
MIDDLE_NAMES = ("Thị Bích", "Văn Quốc", "Ngọc Minh", "Đình Trung", "Thanh Hải", "Hữu Phước", "Xuân Mai", "Quang Vinh")
GIVEN_NAMES = (
    "An", "Bình", "Chi", "Dung", "Duy", "Giang", "Hạnh", "Hiếu", "Hương", "Khánh", "Lan", "Linh", "Long", "Mạnh",
    "Nam", "Nga", "Nhung", "Phúc", "Quyên", "Sơn", "Tâm", "Thảo", "Thịnh", "Trang", "Tuấn", "Uyên", "Việt", "Yến",
)  # fmt: skip
STREETS = ("Lê Duẩn", "Nguyễn Tất Thành", "Phan Chu Trinh", "Y Ngông", "Hùng Vương", "Trần Phú", "Lý Thường Kiệt")

SECTORS = (
    ("Hộ tịch", "TP01"), ("Chứng thực", "TP02"),
    ("Đất đai", "TN01"), ("Xây dựng", "XD01"), ("Đăng ký kinh doanh", "KH01"),
    ("Giáo dục Trung học", "GD10"),
    ("Giáo dục Tiểu học", "GD09"), ("Giáo dục Mầm non", "GD06"), ("Bảo trợ xã hội", "LD01"),
    ("Khám bệnh, chữa bệnh", "YT01"), ("Đường bộ", "GT01"), ("Lưu thông hàng hóa", "CT01"), ("Tổ chức cán bộ", "NV01"),
)  # fmt: skip
EDUCATION_SECTORS = ("GD10", "GD09", "GD06")
