"""The province's agencies as in 2020-2021 (``domain.md`` §3).

Names of departments, districts and communes (``communes.py``) are real; which 18 departments were ranked is an
assumption, and codes are illustrative.
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

# name, English name, mail domain
DISTRICTS = (
    ("thành phố Buôn Ma Thuột", "Buon Ma Thuot city", "bmt"),
    ("thị xã Buôn Hồ", "Buon Ho town", "buonho"),
    ("huyện Ea H'leo", "Ea H'leo district", "eahleo"),
    ("huyện Ea Súp", "Ea Sup district", "easup"),
    ("huyện Buôn Đôn", "Buon Don district", "buondon"),
    ("huyện Cư M'gar", "Cu M'gar district", "cumgar"),
    ("huyện Krông Búk", "Krong Buk district", "krongbuk"),
    ("huyện Krông Năng", "Krong Nang district", "krongnang"),
    ("huyện Ea Kar", "Ea Kar district", "eakar"),
    ("huyện M'Đrắk", "M'Drak district", "mdrak"),
    ("huyện Krông Bông", "Krong Bong district", "krongbong"),
    ("huyện Krông Pắc", "Krong Pac district", "krongpac"),
    ("huyện Krông Ana", "Krong Ana district", "krongana"),
    ("huyện Lắk", "Lak district", "lak"),
    ("huyện Cư Kuin", "Cu Kuin district", "cukuin"),
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
